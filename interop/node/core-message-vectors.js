'use strict'
// Golden vectors of the replication messages, made by the stock codecs. Prints "name hex" lines:
//   node core-message-vectors.js > ../../hypercore/src/test/resources/org/datdot/hypercore/messages.txt
const c = require('compact-encoding')
const { wire } = require('hypercore/messages')
const caps = require('hypercore/lib/caps')

const fill = (n, b) => Buffer.alloc(n, b)
const node = (index, size, b) => ({ index, size, hash: fill(32, b) })
const none = { block: null, hash: null, seek: null, upgrade: null }
const manifest = {
  version: 1,
  hash: 'blake2b',
  allowPatch: false,
  quorum: 1,
  signers: [{ signature: 'ed25519', namespace: caps.DEFAULT_NAMESPACE, publicKey: fill(32, 0x42) }],
  prologue: null,
  linked: null,
  userData: null
}
const sync = { fork: 0, length: 5, remoteLength: 0, canUpgrade: true, uploading: true, downloading: true, hasManifest: true, allowPush: false }

const vectors = {
  handshake: [wire.handshake, { seeks: true, capability: fill(32, 7) }],
  sync: [wire.sync, sync],
  syncLarge: [wire.sync, { ...sync, fork: 3, length: 70000, remoteLength: 5000000000, canUpgrade: false, allowPush: true }],
  requestBlock: [wire.request, { id: 1, fork: 0, ...none, block: { index: 3, nodes: 2 }, manifest: false, priority: 1 }],
  requestUpgrade: [wire.request, { id: 1, fork: 0, ...none, upgrade: { start: 0, length: 5 }, manifest: true, priority: 0 }],
  requestAll: [wire.request, { id: 300, fork: 2, ...none, hash: { index: 600, nodes: 4 }, seek: { bytes: 100000, padding: 8 }, upgrade: { start: 7, length: 70000 }, manifest: true, priority: 2 }],
  cancel: [wire.cancel, { request: 253 }],
  dataBlock: [wire.data, { request: 9, fork: 0, ...none, block: { index: 3, value: Buffer.from('bar'), nodes: [node(4, 3, 1), node(1, 700, 2)] }, manifest: null }],
  dataUpgrade: [wire.data, { request: 1, fork: 0, ...none, upgrade: { start: 0, length: 5, nodes: [node(3, 16, 3), node(8, 3, 4)], additionalNodes: [node(10, 66000, 5)], signature: fill(68, 6) }, manifest }],
  dataStatic: [wire.data, { request: 1, fork: 0, ...none, upgrade: { start: 0, length: 1, nodes: [node(0, 16, 3)], additionalNodes: [], signature: null }, manifest: null }],
  dataHashSeek: [wire.data, { request: 2, fork: 1, ...none, hash: { index: 6, nodes: [node(6, 1, 1)] }, seek: { bytes: 44, nodes: [node(5, 2, 2)] }, manifest: null }],
  noData: [wire.noData, { request: 4, reason: 1 }],
  noDataPlain: [wire.noData, { request: 4, reason: 0 }],
  want: [wire.want, { start: 2097152, length: 2097152, any: false }],
  wantAny: [wire.want, { start: 5, length: 100, any: true }],
  unwant: [wire.unwant, { start: 0, length: 4096, any: false }],
  bitfield: [wire.bitfield, { start: 64, bitfield: new Uint32Array([1, 0xffffffff, 0x80000000]) }],
  range: [wire.range, { drop: false, start: 0, length: 5 }],
  rangeOne: [wire.range, { drop: true, start: 77, length: 1 }],
  extension: [wire.extension, { name: 'hyperbee', message: Buffer.from('hello') }]
}

for (const [name, [encoding, message]] of Object.entries(vectors)) {
  console.log(name, Buffer.from(c.encode(encoding, message)).toString('hex'))
}
console.log('capabilityInitiator', caps.replicate(true, fill(32, 1), fill(64, 2)).toString('hex'))
console.log('capabilityResponder', caps.replicate(false, fill(32, 1), fill(64, 2)).toString('hex'))
