'use strict'
// Makes protocol-vectors.txt next to this file: what the stock Hypercore packages derive, hash and sign with these primitives.
// Needs npm hypercore 11, hyperdrive, hyperdht, @hyperswarm/secret-stream and what they depend on:
//   NODE_PATH=<node_modules> node crypto/src/test/resources/org/datdot/crypto/protocol-vectors.js
// A line is a name and a value, separated by a tab; bytes are hex.
const fs = require('fs')
const path = require('path')
const c = require('compact-encoding')
const crypto = require('hypercore-crypto')
const sodium = require('sodium-native')
const caps = require('hypercore/lib/caps')
const Verifier = require('hypercore/lib/verifier')
const m = require('hypercore/lib/messages')
const Hypercore = require('hypercore')
const Hyperdrive = require('hyperdrive')
const SecretStream = require('@hyperswarm/secret-stream')
const peer = require('dht-rpc/lib/peer')
const dht = require('hyperdht/lib/messages')
const Persistent = require('hyperdht/lib/persistent')

const lines = []
const fill = (n) => Buffer.alloc(32, n)
const hex = (b) => Buffer.from(b).toString('hex')
const add = (name, value) => lines.push(name + '\t' + (Buffer.isBuffer(value) ? hex(value) : value))

const [one, two, three] = [1, 2, 3].map((n) => crypto.keyPair(fill(n)))
const manifest = (name, input) => {
  const x = Verifier.createManifest(input)
  add('manifest.' + name + '.encoded', c.encode(m.manifest, x))
  add('manifest.' + name + '.key', Hypercore.key(x))
  add('manifest.' + name + '.discoveryKey', Hypercore.discoveryKey(Hypercore.key(x)))
}
manifest('v0', { version: 0, signers: [{ publicKey: one.publicKey }] })
manifest('v1', { signers: [{ publicKey: one.publicKey }] })
manifest('quorum', { quorum: 2, allowPatch: true, signers: [one, two, three].map((k) => ({ publicKey: k.publicKey })) })
manifest('prologue', { quorum: 0, signers: [], prologue: { hash: fill(9), length: 5 } })
manifest('linked', { version: 2, signers: [{ publicKey: one.publicKey }], linked: [fill(7)], userData: Buffer.from('hi') })

const key = Hypercore.key(Verifier.createManifest({ signers: [{ publicKey: one.publicKey }] }))
const leaves = ['hello', 'world', 'foo', 'bar', 'baz'].map((s, i) => ({ index: 2 * i, size: s.length, hash: crypto.data(Buffer.from(s)) }))
const above = (index, a, b) => ({ index, size: a.size + b.size, hash: crypto.parent(a, b) })
const n1 = above(1, leaves[0], leaves[1])
const n3 = above(3, n1, above(5, leaves[2], leaves[3]))
const treeHash = crypto.tree([n3, leaves[4]])
const signable = caps.treeSignable(key, treeHash, 5, 0)
add('tree.leaf0', leaves[0].hash)
add('tree.node1', n1.hash)
add('tree.node3', n3.hash)
add('tree.hash', treeHash)
add('tree.signable', signable)
add('tree.signature', crypto.sign(signable, one.secretKey))

const handshakeHash = Buffer.alloc(64, 5)
add('capability.initiator', caps.replicate(true, key, handshakeHash))
add('capability.responder', caps.replicate(false, key, handshakeHash))
add('streamId.initiator', SecretStream.id(handshakeHash, true))
add('streamId.responder', SecretStream.id(handshakeHash, false))

const seed = Buffer.alloc(32)
sodium.crypto_generichash_batch(seed, [crypto.namespace('corestore', 1)[0], Buffer.alloc(32), Buffer.from('bench')], fill(6))
add('corestore.seed', seed)
add('corestore.publicKey', crypto.keyPair(seed).publicKey)
add('hyperdrive.contentKey', Hyperdrive.getContentKey(Verifier.createManifest({ signers: [{ publicKey: one.publicKey }] }), key))

add('dht.id', peer.id('127.0.0.1', 49737))
const announce = { peer: { publicKey: one.publicKey, relayAddresses: [{ host: '10.0.0.1', port: 5000 }] }, refresh: null }
add('announce.peer', c.encode(dht.peer, announce.peer))
add('announce.signature', Persistent.signAnnounce(fill(21), fill(22), fill(23), announce, one))
add('mutable.signature', Persistent.signMutable(4, Buffer.from('hi'), one))

fs.writeFileSync(path.join(__dirname, 'protocol-vectors.txt'), lines.join('\n') + '\n')
