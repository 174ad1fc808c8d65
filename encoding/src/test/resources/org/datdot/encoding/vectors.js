'use strict'
// Makes vectors.txt next to this file, the answers of the stock packages which the tests of this module compare with.
// Needs npm compact-encoding, index-encoder, z32, hypercore-id-encoding and flat-tree, at the versions pinned in the
// module interop:   NODE_PATH=interop/node_modules node encoding/src/test/resources/org/datdot/encoding/vectors.js
// A line is a kind, the arguments and the answer, separated by tabs. Texts are given as JSON, bytes as hex.
const fs = require('fs')
const path = require('path')
const c = require('compact-encoding')
const index = require('index-encoder')
const z32 = require('z32')
const id = require('hypercore-id-encoding')
const flat = require('flat-tree')

const lines = []
const hex = (b) => Buffer.from(b).toString('hex')
const add = (...fields) => lines.push(fields.join('\t'))
const pattern = (n) => Buffer.from(Array.from({ length: n }, (_, i) => (i * 7 + n * 13) & 255))
const encodeIndex = (enc, v) => {
  const state = { start: 0, end: 0, buffer: null }
  enc.preencode(state, v)
  state.buffer = Buffer.alloc(state.end)
  enc.encode(state, v)
  return hex(state.buffer)
}

const edges = [0, 1, 0xf6, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x100, 0x1234, 0xfffe, 0xffff, 0x10000, 0xfffffe, 0xffffff, 0x1000000,
  0xfffffffe, 0xffffffff, 0x100000000, 0x123456789abc, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER]
for (const n of edges) {
  add('uint', n, hex(c.encode(c.uint, n)))
  if (n <= 0xff) add('uint8', n, hex(c.encode(c.uint8, n)))
  if (n <= 0xffff) add('uint16', n, hex(c.encode(c.uint16, n)))
  if (n <= 0xffffff) add('uint24', n, hex(c.encode(c.uint24, n)))
  if (n <= 0xffffffff) add('uint32', n, hex(c.encode(c.uint32, n)))
  add('uint64', n, hex(c.encode(c.uint64, n)))
  add('index-uint', n, encodeIndex(index.UINT, n))
}
add('index-uint', 'Infinity', encodeIndex(index.UINT, Infinity))
for (const n of [0, 1, -1, 126, -126, 127, -127, 4000, -4000, 2 ** 31, -(2 ** 31), 2 ** 51, -(2 ** 51)]) add('int', n, hex(c.encode(c.int, n)))
for (const n of [0n, 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) add('biguint64', n, hex(c.encode(c.biguint64, n)))
for (const b of [true, false]) add('bool', b, hex(c.encode(c.bool, b)))
for (const n of [0, 1, 2, 31, 32, 0xfc, 0xfd, 300, 70000]) {
  const b = pattern(n)
  const short = n <= 300 ? hex(c.encode(c.buffer, b)) : hex(c.encode(c.buffer, b).subarray(0, 16))
  add('buffer', n, short)
}
add('optionalBuffer', 'null', hex(c.encode(c.optionalBuffer, null)))
add('optionalBuffer', 'ff', hex(c.encode(c.optionalBuffer, Buffer.from([255]))))
const texts = ['', 'a', 'hyperdrive', 'Grüße', '日本語', '🚲 bicycle', 'lone \ud800 surrogate', '\udc00', 'x'.repeat(300), 'nul \u0000 inside', '\u0000\u0000']
for (const s of texts) {
  add('string', JSON.stringify(s), hex(c.encode(c.string, s)))
  add('index-string', JSON.stringify(s), encodeIndex(index.STRING, s))
}
for (const h of ['', '00', '0000', '0001', '0002', '000100', 'ff00ff', '010203', 'ff']) add('index-buffer', h, encodeIndex(index.BUFFER, Buffer.from(h, 'hex')))
for (let n = 0; n <= 40; n++) add('z32', hex(pattern(n)), z32.encode(pattern(n)))
for (let n = 0; n < 8; n++) {
  const key = Buffer.from(pattern(32 + n).subarray(0, 32))
  add('id', hex(key), id.encode(key), 'pear://' + id.encode(key) + '/some/path')
}
const nodes = Array.from({ length: 260 }, (_, i) => i)
for (const big of [2 ** 20, 2 ** 31, 2 ** 32, 2 ** 40]) for (let i = -3; i <= 3; i++) nodes.push(big + i)
for (const n of nodes) {
  add('flat', n, flat.depth(n), flat.offset(n), flat.parent(n), flat.sibling(n), flat.leftChild(n), flat.rightChild(n), flat.leftSpan(n), flat.rightSpan(n),
    flat.spans(n).join(','), flat.count(n), flat.countLeaves(n), flat.index(flat.depth(n), flat.offset(n)))
}
for (const n of [...Array.from({ length: 70 }, (_, i) => i), 1000, 8192, 65535, 2 ** 20 + 5, 2 ** 33 + 2 ** 20 + 3]) add('fullRoots', 2 * n, flat.fullRoots(2 * n).join(','))

fs.writeFileSync(path.join(__dirname, 'vectors.txt'), lines.join('\n') + '\n')
