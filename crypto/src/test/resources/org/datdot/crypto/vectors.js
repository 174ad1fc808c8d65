'use strict'
// Makes vectors.txt next to this file, the answers of the stock packages which the tests of this module compare with.
// Needs npm sodium-native, hypercore-crypto, noise-handshake and noise-curve-ed, at the versions pinned in the module
// interop:   NODE_PATH=interop/node_modules node crypto/src/test/resources/org/datdot/crypto/vectors.js
// A line is a kind, the arguments and the answer, separated by tabs. Bytes are hex; pattern(n) stands for n made-up bytes.
const fs = require('fs')
const path = require('path')
const sodium = require('sodium-native')
const crypto = require('hypercore-crypto')
const Cipher = require('noise-handshake/cipher')
const { hkdf } = require('noise-handshake/hkdf')
const hmac = require('noise-handshake/hmac')
const curve = require('noise-curve-ed')

const lines = []
const add = (...fields) => lines.push(fields.join('\t'))
const hex = (b) => Buffer.from(b).toString('hex')
const fill = (n) => Buffer.alloc(32, n)
const pattern = (n) => Buffer.from(Array.from({ length: n }, (_, i) => (i * 7 + n * 13) & 255))
const hashOf = (b) => { const o = Buffer.alloc(32); sodium.crypto_generichash(o, b); return o }
const hash = (out, data, key) => { const o = Buffer.alloc(out); sodium.crypto_generichash(o, data, key || undefined); return hex(o) }

for (const n of [0, 1, 9, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000, 4096, 65536, 131072, 131073, 300000]) {
  add('blake2b', 32, '', n, hash(32, pattern(n)))
  add('blake2b', 64, '', n, hash(64, pattern(n)))
  add('blake2b', 32, hex(fill(9)), n, hash(32, pattern(n), fill(9)))
}
add('blake2b', 16, hex(pattern(16)), 5, hash(16, pattern(5), pattern(16)))
add('blake2b', 48, hex(pattern(64)), 5, hash(48, pattern(5), pattern(64)))

for (let s = 0; s < 8; s++) {
  const kp = crypto.keyPair(fill(s))
  add('keyPair', hex(fill(s)), hex(kp.publicKey), hex(kp.secretKey), hex(crypto.discoveryKey(kp.publicKey)))
  for (const n of [0, 1, 64, 112, 1000, 200000]) add('sign', hex(fill(s)), n, hex(crypto.sign(pattern(n), kp.secretKey)))
}

for (const n of [0, 1, 60, 1000, 200000]) {
  const nonce = pattern(24)
  const box = Buffer.alloc(n + 16)
  sodium.crypto_secretbox_easy(box, pattern(n), nonce, fill(3))
  add('secretBox', n, hex(fill(3)), hex(nonce), hex(n > 1000 ? hashOf(box) : box))
}

// What libsodium makes of odd keys and signatures: small order, not canonical, not on the curve, with a part of small order, S not reduced.
const L = (1n << 252n) + 27742317777372353535851937790883648493n
const le = (n) => { const b = Buffer.alloc(32); for (let i = 0; i < 32; i++) b[i] = Number((n >> BigInt(8 * i)) & 255n); return b }
const P = (1n << 255n) - 19n
const good = crypto.keyPair(fill(1))
const torsion = Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex')
const mixed = Buffer.alloc(32)
sodium.crypto_core_ed25519_add(mixed, good.publicKey, torsion)
const points = [le(0n), le(1n), torsion, Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex'),
  Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85', 'hex'), Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa', 'hex'),
  le(P - 1n), le(P), le(P + 1n), le(P + 2n), le(2n), le((1n << 255n) - 1n), le((1n << 256n) - 1n), mixed, fill(7), fill(200), good.publicKey]
for (const p of points) {
  let shared = 'refused'
  try { shared = hex(curve.dh(p, crypto.keyPair(fill(2)))) } catch {}
  add('dh', hex(fill(2)), hex(p), shared)
}
for (let s = 3; s < 8; s++) add('dh', hex(fill(s)), hex(good.publicKey), hex(curve.dh(good.publicKey, crypto.keyPair(fill(s)))))

const message = pattern(64)
const signature = crypto.sign(message, good.secretKey)
const check = (m, s, p) => add('verify', hex(m), hex(s), hex(p), crypto.verify(m, s, p))
check(message, signature, good.publicKey)
let S = 0n
for (let i = 31; i >= 0; i--) S = (S << 8n) | BigInt(signature[32 + i])
check(message, Buffer.concat([signature.subarray(0, 32), le(S + L)]), good.publicKey)
for (const p of points) check(message, signature, p)
for (const p of points) check(message, Buffer.concat([p, signature.subarray(32)]), good.publicKey)
for (const p of points) check(message, Buffer.concat([p, le(0n)]), p)
for (let bit = 0; bit < 512; bit += 37) { const s = Buffer.from(signature); s[bit >> 3] ^= 1 << (bit & 7); check(message, s, good.publicKey) }

for (const [name, ids] of [['hypercore', [0, 1, 2, 3, 4, 5]], ['hyperswarm/secret-stream', [0, 1, 2]], ['hyperswarm/dht', [4, 5, 6, 0, 1, 10]], ['corestore', [0]], ['hyperdrive', [0]], ['wakeup', [0, 1]]]) {
  crypto.namespace(name, ids).forEach((ns, i) => add('namespace', name, ids[i], hex(ns)))
}

for (const n of [0, 1, 5, 4096, 65536, 131072, 200000]) add('leaf', n, hex(crypto.data(pattern(n))))
for (const length of [1, 2, 3, 5, 8, 13]) {
  let level = Array.from({ length }, (_, i) => ({ index: 2 * i, size: i + 1, hash: crypto.data(pattern(i + 1)) }))
  const roots = []
  while (level.length) {
    const next = []
    for (let i = 0; i + 1 < level.length; i += 2) next.push({ index: (level[i].index + level[i + 1].index) / 2, size: level[i].size + level[i + 1].size, hash: crypto.parent(level[i], level[i + 1]) })
    if (level.length & 1) roots.unshift(level[level.length - 1])
    level = next
  }
  add('tree', length, roots.map((r) => r.index + ':' + r.size + ':' + hex(r.hash)).join(','), hex(crypto.tree(roots)))
}

for (const [k, parts] of [[0, [0]], [32, [1, 2, 3]], [64, [32]], [128, [64, 1]], [129, [200]], [300, [0, 5]]]) {
  const out = Buffer.alloc(64)
  hmac(out, parts.map(pattern), pattern(k))
  add('hmac', k, parts.join(','), hex(out))
}
for (const [salt, ikm] of [[64, 0], [64, 32], [32, 64]]) add('hkdf', salt, ikm, hkdf(pattern(salt), pattern(ikm), '', 3 * 64).map(hex).join(','))
for (const [counter, ad, n] of [[0, 64, 0], [0, 64, 32], [1, 0, 100], [7, 13, 4096], [4294967295, 64, 17]]) {
  const cipher = new Cipher()
  cipher.initialiseKey(fill(3))
  cipher.nonce = counter
  add('chachapoly', hex(fill(3)), counter, ad, n, hex(cipher.encrypt(pattern(n), pattern(ad))))
}
for (const [counter, n] of [[0, 0], [0, 1], [0, 64], [1, 65], [5, 1000], [4294967290, 384]]) {
  const out = Buffer.alloc(n)
  sodium.crypto_stream_chacha20_ietf_xor_ic(out, pattern(n), pattern(12), counter, fill(4))
  add('chacha20', hex(fill(4)), hex(pattern(12)), counter, n, hex(out))
}

// A stream's header is random. Starting the pushing side as if it pulled gives the same state for a header of one's choice.
const header = pattern(24)
function stream (kind, messages) {
  const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES)
  sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, fill(5))
  for (const [n, tag] of messages) {
    const out = Buffer.alloc(n + 17)
    sodium.crypto_secretstream_xchacha20poly1305_push(state, out, pattern(n), null, tag)
    add(kind, hex(header), hex(fill(5)), n, hash(32, out), n <= 1000 ? hex(out) : 'long')
  }
}
stream('secretstream', [0, 1, 15, 16, 17, 1000, 65536, 200000, 3].map((n) => [n, sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE]))
stream('secretstream-rekey', [[5, 0], [20, sodium.crypto_secretstream_xchacha20poly1305_TAG_REKEY], [33, 0], [0, 0]])

fs.writeFileSync(path.join(__dirname, 'vectors.txt'), lines.join('\n') + '\n')
