'use strict'
// Blocks as the stock package encrypts them. Prints "mode index fork plain encrypted" lines:
//   node core-encryption-vectors.js > ../../hypercore/src/test/resources/org/datdot/hypercore/encryption.txt
const Encryption = require('hypercore/lib/default-encryption.js')

const coreKey = Buffer.alloc(32, 7)
const secret = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 5))
for (const [mode, options] of [['secret', {}], ['compat', { compat: true }], ['block', { block: true }]]) {
  const e = new Encryption(secret, coreKey, options)
  for (const [index, fork, size] of [[0, 0, 0], [1, 0, 1], [2, 3, 64], [70000, 1, 300], [2 ** 40, 2 ** 33, 5]]) {
    const plain = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + index) & 255))
    const block = Buffer.concat([Buffer.alloc(8), plain])
    Encryption.encrypt(index, block, fork, e.blockKey, e.blindingKey)
    console.log(mode, index, fork, plain.toString('hex') || '-', block.toString('hex'))
  }
}
