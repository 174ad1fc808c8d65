// A stock secret-stream over WebSocket (npm ws), serving what wire-peer.mjs lists:
//   node ws-peer.mjs                     prints {"port":n,"publicKey":hex}, accepts connections until its input ends
//   node ws-peer.mjs --connect ws://… --bytes n   prints {"key":hex,"echoed":n} after echoing so many bytes through the peer
import { createRequire } from 'node:module'
import { attach, open, option, keyPair } from './wire-peer.mjs'
const require = createRequire(import.meta.url)
const { WebSocket, WebSocketServer, createWebSocketStream } = require('ws')
const NoiseSecretStream = require('@hyperswarm/secret-stream')
const Protomux = require('protomux')

const say = (object) => console.log(JSON.stringify(object))
const url = option('connect', null)
if (url) {
  const raw = createWebSocketStream(new WebSocket(url))
  const stream = new NoiseSecretStream(true, raw, { keyPair: keyPair(41) })
  await stream.opened
  const bytes = Number(option('bytes', 1))
  const block = Buffer.alloc(65536, 9)
  let echoed = 0
  let finish = () => {}
  let drained = () => {}
  const all = new Promise((resolve) => (finish = resolve))
  const channel = open(Protomux.from(stream), 'test/echo', null, (type, m) => {
    if (m.equals(block)) echoed += m.length
    if (echoed >= bytes) finish()
  }, { ondrain: () => drained() })
  for (let sent = 0; sent < bytes; sent += block.length) {
    if (!channel.messages[0].send(block)) await new Promise((resolve) => (drained = resolve))
  }
  await all
  say({ key: stream.remotePublicKey.toString('hex'), echoed })
  stream.end()
  await new Promise((resolve) => stream.once('close', resolve))
  process.exit(0)
}
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', (socket) => {
  const stream = new NoiseSecretStream(false, createWebSocketStream(socket), { keyPair: keyPair(42) })
  stream.on('error', () => {})
  attach(stream)
})
await new Promise((resolve) => server.once('listening', resolve))
say({ port: server.address().port, publicKey: keyPair(42).publicKey.toString('hex') })
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
