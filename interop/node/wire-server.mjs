// A stock peer to dial: @hyperswarm/secret-stream over a TCP server, with protomux.
//   node wire-server.mjs [--port 0] [--seed BYTE] [--keepalive MS]
// Prints one line of JSON: { port, publicKey }, then one per event. Ends when its standard input does.
import net from 'node:net'
import { createRequire } from 'node:module'
import { attach, keyPair, option } from './wire-peer.mjs'
const require = createRequire(import.meta.url)
const NoiseSecretStream = require('@hyperswarm/secret-stream')

const keys = keyPair(Number(option('seed', 2)))
const server = net.createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  const stream = new NoiseSecretStream(false, socket, { keyPair: keys, keepAlive: Number(option('keepalive', 0)) })
  stream.on('connect', () => console.log(JSON.stringify({ event: 'connect', remote: stream.remotePublicKey.toString('hex') })))
  stream.on('error', (err) => console.log(JSON.stringify({ event: 'error', message: err.message })))
  stream.on('close', () => console.log(JSON.stringify({ event: 'close', bytesRead: stream.rawBytesRead })))
  attach(stream)
})
server.listen(Number(option('port', 0)), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port, publicKey: Buffer.from(keys.publicKey).toString('hex') }))
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
