'use strict'
// Golden vectors of the DHT, made by the stock dht-rpc and hyperdht. Prints "name hex" lines:
//   node dht-vectors.js > ../../dht/src/test/resources/org/datdot/dht/vectors.txt
const c = require('compact-encoding')
const sodium = require('sodium-universal')
const IO = require('dht-rpc/lib/io')
const peer = require('dht-rpc/lib/peer')
const Table = require('kademlia-routing-table')
const NatSampler = require('nat-sampler')
const m = require('hyperdht/lib/messages')
const Persistent = require('hyperdht/lib/persistent')
const { NS } = require('hyperdht/lib/constants')

const fill = (n, b) => Buffer.alloc(n, b)
const print = (name, bytes) => console.log(name, bytes.length ? Buffer.from(bytes).toString('hex') : '-')
const hash = (bytes) => {
  const out = Buffer.alloc(32)
  sodium.crypto_generichash(out, bytes)
  return out
}

console.log('# made by interop/node/dht-vectors.js with dht-rpc ' + require('dht-rpc/package.json').version + ', hyperdht ' + require('hyperdht/package.json').version)

// A node at 10.1.2.3:49737 with 25 neighbours, its sockets written to memory.
const own = { host: '10.1.2.3', port: 49737 }
const other = { host: '127.0.0.1', port: 65535 }
const sent = []
const socket = { trySend: (buffer) => sent.push(buffer) }
const table = new Table(peer.id(own.host, own.port))
for (let i = 0; i < 25; i++) {
  const host = '192.168.' + i + '.' + (255 - i)
  table.add({ id: peer.id(host, 1000 + i), host, port: 1000 + i })
}
let onrequest = null
const io = new IO(table, { watchNetworkInterfaces: () => ({ on() {}, destroy() {} }) }, { onrequest: (req) => onrequest(req), firewalled: false })
io.serverSocket = socket
io.clientSocket = { trySend: (buffer) => sent.push(buffer) }
io._secrets = [fill(32, 1), fill(32, 2)]

print('id', peer.id(own.host, own.port))
print('idOther', peer.id(other.host, other.port))

function request(name, { ephemeral = true, tid = 1, token = null, internal = false, command, target = null, value = null }) {
  io.ephemeral = ephemeral
  io._tid = tid
  const req = io.createRequest(other, token, internal, command, target, value, null, 0)
  print('request.' + name, req._encodeRequest(token, value, other, socket))
  io.inflight = []
}
request('ping', { internal: true, command: 0 })
request('pingAsPersistent', { ephemeral: false, tid: 65535, internal: true, command: 0 })
request('pingNat', { internal: true, command: 1, value: c.encode(c.uint16, 49737) })
request('findNode', { internal: true, command: 2, target: fill(32, 7) })
request('downHint', { internal: true, command: 3, value: c.encode(peer.ipv4, other) })
request('delayedPing', { internal: true, command: 4, value: c.encode(c.uint32, 10000) })
request('lookup', { tid: 256, command: 3, target: fill(32, 7) })
request('announce', { ephemeral: false, tid: 513, token: fill(32, 9), command: 4, target: fill(32, 7), value: fill(300, 5) })
request('emptyValue', { command: 8, target: fill(32, 7), value: Buffer.alloc(0) })
request('largeCommand', { command: 70000 })

function reply(name, ephemeral, answer) {
  io.ephemeral = ephemeral
  onrequest = answer
  io._tid = 770
  const req = io.createRequest(own, null, true, 2, table.id, null, null, 0)
  const datagram = req._encodeRequest(null, null, own, socket)
  io.inflight = []
  sent.length = 0
  io.onmessage(socket, datagram, other)
  print('reply.' + name, sent[0])
}
reply('ping', true, (req) => req.sendReply(0, null, false, false))
reply('findNode', false, (req) => req.sendReply(0, null, false, true))
reply('value', false, (req) => req.reply(Buffer.from('a value')))
reply('emptyValue', false, (req) => req.reply(Buffer.alloc(0)))
reply('error', true, (req) => req.error(1))
reply('invalidToken', false, (req) => req.error(2, { token: true }))
reply('seqTooLow', false, (req) => req.error(17))

print('token.current', io.token(other, 1))
print('token.previous', io.token(other, 0))
io._rotateSecrets = 1
io.congestion.drain = () => {}
io._pending.shift = () => undefined
io._drain()
print('token.afterRotation', io.token(other, 1))

// 400 nodes in a table: indexes of the closest ones to ten places, as uint16.
const large = new Table(hash(Buffer.from('table')))
for (let i = 0; i < 400; i++) large.add({ id: hash(c.encode(c.uint16, i)), i })
const indexes = (nodes) => Buffer.concat(nodes.map((node) => c.encode(c.uint16, node.i)))
for (let i = 0; i < 10; i++) print('closest.' + i, indexes(large.closest(hash(Buffer.from('place ' + i)), i === 0 ? 60 : 20)))
print('closest.all', indexes(large.toArray()))

// What 120 samples make of the own address, 6 bytes after each, zero for nothing.
const nat = new NatSampler()
const seen = []
for (let i = 0; i < 120; i++) {
  const draw = hash(c.encode(c.uint16, i))
  const host = i < 80 || draw[0] < 200 ? '1.2.3.4' : '5.6.7.8'
  const port = i < 30 ? 4000 : i < 60 ? 4000 + (draw[1] & 1) : i < 90 ? 4001 : 4000 + draw[2]
  nat.add(host, port)
  seen.push(c.encode(peer.ipv4, { host: nat.host || '0.0.0.0', port: nat.port }))
}
print('nat', Buffer.concat(seen))

// Records.
const keyPair = { publicKey: Buffer.alloc(32), secretKey: Buffer.alloc(64) }
sodium.crypto_sign_seed_keypair(keyPair.publicKey, keyPair.secretKey, fill(32, 3))
const relayAddresses = [own, other]
const plain = { publicKey: keyPair.publicKey, relayAddresses: [] }
const relayed = { publicKey: keyPair.publicKey, relayAddresses }
print('namespace.announce', NS.ANNOUNCE)
print('namespace.unannounce', NS.UNANNOUNCE)
print('namespace.mutablePut', NS.MUTABLE_PUT)
print('peer.plain', c.encode(m.peer, plain))
print('peer.relayed', c.encode(m.peer, relayed))
print('lookup.two', c.encode(m.lookupRawReply, { peers: [c.encode(m.peer, plain), c.encode(m.peer, relayed)], bump: 1700000000000 }))
print('lookup.one', c.encode(m.lookupRawReply, { peers: [c.encode(m.peer, plain)], bump: 0 }))

const target = fill(32, 7)
const token = fill(32, 9)
function announce(name, sign, ann) {
  if (sign) ann.signature = sign(target, token, table.id, ann, keyPair)
  print('announce.' + name, c.encode(m.announce, ann))
}
announce('plain', Persistent.signAnnounce, { peer: plain, refresh: null, signature: null, bump: 0 })
announce('full', Persistent.signAnnounce, { peer: relayed, refresh: fill(32, 8), signature: null, bump: 1700000000000 })
announce('withdrawal', Persistent.signUnannounce, { peer: plain, refresh: null, signature: null })
announce('renewal', null, { peer: null, refresh: fill(32, 8), signature: null, bump: 0 })

for (const [name, seq, value] of [['short', 0, Buffer.from('hello')], ['long', 70000, fill(900, 4)], ['empty', 1, Buffer.alloc(0)]]) {
  const signature = Persistent.signMutable(seq, value, keyPair)
  print('mutable.' + name + '.put', c.encode(m.mutablePutRequest, { publicKey: keyPair.publicKey, seq, value, signature }))
  print('mutable.' + name + '.get', c.encode(m.mutableGetResponse, { seq, value, signature }))
}

// Messages of connecting. The modes of the router are 0 to 4.
const SecurePayload = require('hyperdht/lib/secure-payload')
const NoiseWrap = require('hyperdht/lib/noise-wrap')
const curve = require('noise-curve-ed')
print('namespace.peerHandshake', NS.PEER_HANDSHAKE)
print('namespace.peerHolepunch', NS.PEER_HOLEPUNCH)
for (let mode = 0; mode <= 4; mode++) {
  const peerAddress = mode & 1 ? own : null
  const relayAddress = mode & 2 ? other : null
  print('handshake.' + mode, c.encode(m.handshake, { mode, noise: fill(116, mode), peerAddress, relayAddress }))
  print('holepunch.' + mode, c.encode(m.holepunch, { mode, id: mode * 300, payload: fill(90, mode), peerAddress }))
}
const bare = { error: 0, firewall: 0, holepunch: null, addresses4: [], addresses6: [], udx: null, secretStream: null, relayThrough: null, relayAddresses: null }
const full = {
  error: 3,
  firewall: 2,
  holepunch: { id: 257, relays: [{ relayAddress: own, peerAddress: other }, { relayAddress: other, peerAddress: own }] },
  addresses4: [own, other],
  addresses6: [],
  udx: { reusableSocket: true, id: 4000000000, seq: 7 },
  secretStream: {},
  relayThrough: { publicKey: keyPair.publicKey, token: fill(32, 6) },
  relayAddresses: [other]
}
print('noisePayload.bare', c.encode(m.noisePayload, bare))
print('noisePayload.full', c.encode(m.noisePayload, full))
print('noisePayload.addresses6', c.encode(m.noisePayload, { ...full, addresses6: [{ host: '2001:db8:0:0:0:0:0:1', port: 1 }] }))
const quiet = { error: 0, firewall: 0, round: 0, connected: false, punching: false, addresses: null, remoteAddress: null, token: null, remoteToken: null }
const loud = { error: 1, firewall: 3, round: 2, connected: true, punching: true, addresses: [own, other], remoteAddress: other, token: fill(32, 1), remoteToken: fill(32, 2) }
print('holepunchPayload.quiet', c.encode(m.holepunchPayload, quiet))
print('holepunchPayload.loud', c.encode(m.holepunchPayload, loud))
const secure = new SecurePayload(fill(32, 5))
secure._localSecret = fill(32, 4)
print('secure.token', secure.token(own))
// One box for all runs: its nonce is the hash of a name.
const box = Buffer.alloc(24 + 16 + c.encode(m.holepunchPayload, loud).length)
hash(Buffer.from('nonce')).copy(box, 0, 0, 24)
sodium.crypto_secretbox_easy(box.subarray(24), c.encode(m.holepunchPayload, loud), box.subarray(0, 24), fill(32, 5))
if (secure.decrypt(Buffer.from(box)) === null) throw new Error('the stock package does not open the box')
print('secure.box', box)

// The two messages of a handshake, with fixed keys of the moment.
const serverKeys = { publicKey: Buffer.alloc(32), secretKey: Buffer.alloc(64) }
sodium.crypto_sign_seed_keypair(serverKeys.publicKey, serverKeys.secretKey, fill(32, 4))
const client = new NoiseWrap(keyPair, serverKeys.publicKey)
const server = new NoiseWrap(serverKeys, null)
client.handshake.e = curve.generateKeyPair(fill(32, 11))
server.handshake.e = curve.generateKeyPair(fill(32, 12))
const first = Buffer.from(client.send(bare))
print('noise.first', first)
server.recv(Buffer.from(first))
const second = Buffer.from(server.send(full))
print('noise.second', second)
client.recv(Buffer.from(second))
const agreed = client.final()
print('noise.hash', agreed.hash)
print('noise.clientTx', agreed.tx)
print('noise.clientRx', agreed.rx)
print('noise.holepunchSecret', agreed.holepunchSecret)
