'use strict'
// One UDX stream over loopback. --role=sink binds, prints {port}, reads until the end, prints the result; --role=source
// connects to --port, writes --mib of noise, and leaves when all is acknowledged and both sides have ended.
const UDX = require('udx-native')
const crypto = require('crypto')
const { options } = require('./common')

const o = options({ role: 'sink', port: 0, mib: 256 })
const udx = new UDX()
const socket = udx.createSocket()
socket.bind(0, '127.0.0.1')
const cpuMs = () => {
  const u = process.cpuUsage()
  return (u.user + u.system) / 1000
}

if (o.role === 'sink') {
  const stream = udx.createStream(2, {
    firewall: (from, port, host) => {
      stream.connect(from, 1, port, host)
      return false
    }
  })
  let bytes = 0
  let begun = 0
  let cpu = 0
  stream.on('data', (data) => {
    if (bytes === 0) {
      begun = process.hrtime.bigint()
      cpu = cpuMs()
    }
    bytes += data.length
  })
  stream.on('end', () => {
    console.log(JSON.stringify({ ms: Number(process.hrtime.bigint() - begun) / 1e6, cpuMs: cpuMs() - cpu, bytes }))
    stream.end()
  })
  stream.on('close', () => socket.close())
  console.log(JSON.stringify({ port: socket.address().port }))
} else {
  const stream = udx.createStream(1)
  stream.connect(socket, 2, o.port, '127.0.0.1')
  const chunk = crypto.randomBytes(65536)
  const cpu = cpuMs()
  let left = o.mib * 16
  const write = () => {
    while (left-- > 0) {
      if (!stream.write(chunk)) return stream.once('drain', write)
    }
    stream.end()
  }
  write()
  stream.resume()
  stream.on('close', () => {
    console.log(JSON.stringify({ cpuMs: cpuMs() - cpu, retransmits: stream.retransmits, mtu: stream.mtu }))
    socket.close()
  })
}
