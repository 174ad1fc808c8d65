'use strict'
// Plain UDP over loopback, packets as long as those of UDX: the twin of UdpBench.java. --role=sink binds, prints {port}, reads until the end, prints
// the result; --role=source sends --mib of noise to --port.
const dgram = require('dgram')
const crypto = require('crypto')
const { options } = require('./common')

const PACKET_BYTES = 1472
const ANSWER_EVERY = 64
const MOST_UNANSWERED = 512
const o = options({ role: 'sink', port: 0, mib: 256 })
const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
const cpuMs = () => {
  const u = process.cpuUsage()
  return (u.user + u.system) / 1000
}
const number = (n) => {
  const b = Buffer.alloc(4)
  b.writeInt32BE(n)
  return b
}

if (o.role === 'sink') {
  let packets = 0
  let begun = 0
  let cpu = 0
  socket.on('message', (packet, from) => {
    if (packets++ === 0) {
      begun = process.hrtime.bigint()
      cpu = cpuMs()
    }
    const last = packet.length !== PACKET_BYTES
    if (last || packets % ANSWER_EVERY === 0) socket.send(number(packets), from.port, from.address, () => last && socket.close())
    if (last) {
      console.log(JSON.stringify({ ms: Number(process.hrtime.bigint() - begun) / 1e6, cpuMs: cpuMs() - cpu, bytes: (packets - 1) * PACKET_BYTES }))
    }
  })
  socket.bind(0, '127.0.0.1', () => console.log(JSON.stringify({ port: socket.address().port })))
} else {
  const packet = crypto.randomBytes(PACKET_BYTES)
  const packets = Math.floor((o.mib * 1048576) / PACKET_BYTES)
  const cpu = cpuMs()
  let sent = 0
  let answered = 0
  const send = () => {
    while (sent < packets && sent - answered < MOST_UNANSWERED) {
      sent++
      socket.send(packet)
    }
    if (sent === packets) {
      sent++
      socket.send(packet.subarray(0, 1))
    }
  }
  socket.on('message', (answer) => {
    answered = answer.readInt32BE(0)
    if (answered <= packets) return send()
    console.log(JSON.stringify({ cpuMs: cpuMs() - cpu }))
    socket.close()
  })
  socket.connect(o.port, '127.0.0.1', send)
}
