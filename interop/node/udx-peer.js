'use strict'
// A stock udx-native peer on 127.0.0.1, driven by JSON lines on standard input; its events are JSON lines on standard output.
//   {do:'connect', id, remoteId, port}   a stream with that local id; {do:'await', id, remoteId} takes the first packet's address
//   {do:'write', id, bytes, end}         noise, then the end if asked for; says {sent, hash} when all was handed over
//   {do:'message'|'end'|'destroy'|'pause'|'resume'|'keepalive'|'stats', id, ...}
//   {do:'relay', a, b}                   two streams pass packets on to each other
//   {do:'change', id, remoteId, port}    changeRemote through the socket it has
const UDX = require('udx-native')
const crypto = require('crypto')
const readline = require('readline')

const udx = new UDX()
const socket = udx.createSocket()
socket.bind(0, '127.0.0.1')
const say = (event) => process.stdout.write(JSON.stringify(event) + '\n')
const streams = new Map()

function create(id, opts) {
  const stream = udx.createStream(id, opts)
  const hash = crypto.createHash('sha256')
  let bytes = 0
  streams.set(id, stream)
  stream.on('data', (data) => {
    hash.update(data)
    bytes += data.length
  })
  stream.on('end', () => say({ event: 'end', id, bytes, hash: hash.digest('hex') }))
  stream.on('message', (m) => say({ event: 'message', id, text: m.toString() }))
  stream.on('error', (err) => say({ event: 'fail', id, code: err.code }))
  stream.on('close', () => say({ event: 'close', id, bytes }))
  stream.on('remote-changed', () => say({ event: 'changed', id }))
  return stream
}

async function write(stream, { id, bytes, end }) {
  const hash = crypto.createHash('sha256')
  for (let left = bytes; left > 0; ) {
    const chunk = crypto.randomBytes(Math.min(left, 65536))
    hash.update(chunk)
    left -= chunk.length
    if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve))
  }
  if (end) stream.end()
  say({ event: 'sent', id, bytes, hash: hash.digest('hex') })
}

function act(c) {
  const stream = streams.get(c.id)
  switch (c.do) {
    case 'connect':
      create(c.id).connect(socket, c.remoteId, c.port, '127.0.0.1')
      return say({ event: 'connected', id: c.id })
    case 'await': {
      const s = create(c.id, {
        firewall: (from, port, host) => {
          s.connect(from, c.remoteId, port, host)
          return false
        }
      })
      return say({ event: 'waiting', id: c.id })
    }
    case 'relay':
      streams.get(c.a).relayTo(streams.get(c.b))
      streams.get(c.b).relayTo(streams.get(c.a))
      return say({ event: 'relaying' })
    case 'write':
      return write(stream, c)
    case 'message':
      return stream.trySend(Buffer.from(c.text))
    case 'end':
      return stream.end()
    case 'destroy':
      return stream.destroy()
    case 'pause':
      return stream.pause()
    case 'resume':
      return stream.resume()
    case 'keepalive':
      return stream.setKeepalive(c.ms)
    case 'change':
      return stream.changeRemote(socket, c.remoteId, c.port, '127.0.0.1').catch(() => {})
    case 'stats':
      return say({
        event: 'stats',
        mtu: stream.mtu,
        rtt: stream.rtt,
        retransmits: stream.retransmits,
        rtoCount: stream.rtoCount,
        packetsReceived: stream.packetsReceived,
        packetsTransmitted: stream.packetsTransmitted
      })
    default:
      throw new Error('unknown: ' + c.do)
  }
}

say({ port: socket.address().port })
readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => act(JSON.parse(line)))
  .on('close', () => process.exit(0))
