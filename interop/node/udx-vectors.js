'use strict'
// Packets as udx-native sends them, one a line: name and hex. Written to udx/src/test/resources/udx-vectors.txt:
//   node interop/node/udx-vectors.js > udx/src/test/resources/udx-vectors.txt
const dgram = require('dgram')
const UDX = require('udx-native')

const peer = dgram.createSocket('udp4')
const got = []
let wanted = null
peer.on('message', (m) => {
  got.push(m)
  if (wanted) wanted()
})
const next = async () => {
  while (got.length === 0) await new Promise((resolve) => (wanted = resolve))
  return got.shift()
}
const packet = (type, seq, ack, payload = '') => {
  const b = Buffer.alloc(20)
  b[0] = 0xff
  b[1] = 1
  b[2] = type
  b.writeUInt32LE(0x01020304, 4)
  b.writeUInt32LE(4194304, 8)
  b.writeUInt32LE(seq, 12)
  b.writeUInt32LE(ack, 16)
  return Buffer.concat([b, Buffer.from(payload)])
}

peer.bind(0, '127.0.0.1', async () => {
  const udx = new UDX()
  const socket = udx.createSocket()
  socket.bind(0, '127.0.0.1')
  const send = (...a) => peer.send(packet(...a), socket.address().port, '127.0.0.1')
  const say = async (name) => console.log(name + ' ' + (await next()).toString('hex'))
  const stream = udx.createStream(0x01020304)
  stream.on('error', () => {})
  stream.connect(socket, 0xa0b0c0d0, peer.address().port, '127.0.0.1')
  stream.resume()
  stream.write(Buffer.from('hello'))
  await say('data')
  send(0, 0, 1)
  stream.trySend(Buffer.from('message'))
  await say('message')
  send(1, 0, 1, 'first')
  await say('ack')
  send(1, 2, 1, 'third')
  await say('sack')
  send(1, 4, 1, 'fifth')
  await say('sack-two')
  stream.setKeepalive(10)
  await say('heartbeat')
  stream.setKeepalive(0)
  stream.end(Buffer.from('bye'))
  let last = await next()
  while (last[2] === 32) last = await next()
  console.log('data-end ' + last.toString('hex'))
  const other = udx.createStream(5)
  other.connect(socket, 6, peer.address().port, '127.0.0.1')
  other.destroy()
  last = await next()
  while (last[2] !== 16) last = await next()
  console.log('destroy ' + last.toString('hex'))
  process.exit(0)
})
