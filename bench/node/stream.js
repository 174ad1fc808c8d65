'use strict'
// One stream over TCP, of messages encrypted by secret-stream (--kind=secret) or of plain bytes (--kind=tcp), 64 KiB written at a time.
// --role=sink listens, prints {port}, reads until --mib are there, prints the result; --role=source connects and writes.
const net = require('net')
const SecretStream = require('@hyperswarm/secret-stream')
const { options, block } = require('./common')
const o = options({ role: 'sink', kind: 'secret', port: 0, mib: 256 })

const cpuMs = () => {
  const used = process.cpuUsage()
  return (used.user + used.system) / 1000
}
const wrap = (initiator, socket) => {
  socket.setNoDelay(true)
  return o.kind === 'tcp' ? socket : new SecretStream(initiator, socket)
}

if (o.role === 'sink') {
  const server = net.createServer((socket) => {
    const stream = wrap(false, socket)
    let bytes = 0
    let begun = 0n
    let cpu = 0
    stream.on('error', () => process.exit(0))
    stream.on('data', (data) => {
      if (bytes === 0) {
        begun = process.hrtime.bigint()
        cpu = cpuMs()
      }
      bytes += data.length
      if (bytes < o.mib * 1048576) return
      console.log(JSON.stringify({ ms: Number(process.hrtime.bigint() - begun) / 1e6, cpuMs: cpuMs() - cpu, bytes }))
      process.exit(0)
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))
} else {
  const socket = net.connect(o.port, '127.0.0.1')
  const stream = wrap(true, socket)
  const chunk = block(0, 65536)
  const cpu = cpuMs()
  let left = o.mib * 16
  const leave = () => {
    console.log(JSON.stringify({ cpuMs: cpuMs() - cpu }))
    process.exit(0)
  }
  stream.on('error', leave)
  stream.on('close', leave)
  const write = () => {
    while (left > 0) {
      left--
      if (!stream.write(chunk)) return stream.once('drain', write)
    }
  }
  stream.resume()
  if (o.kind === 'tcp') socket.on('connect', write)
  else stream.on('open', write)
}
