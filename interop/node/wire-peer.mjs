// What both wire-server.mjs and wire-client.mjs answer on a connection. Message types are numbers, payloads raw bytes.
//   test/echo    0: comes back as type 1
//   test/sink    0: counted;  1: comes back with the count (uint64 LE)
//   test/source  0: uint32 LE count, uint32 LE size: so many messages of type 1 and of so many bytes each, then type 2
//   test/batch   0: uint32 LE count: so many messages of type 1 in one batch
//   test/close   0: closes the channel
// Opened only when the other side opens them; other protocols are rejected.
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const Protomux = require('protomux')
const c = require('compact-encoding')
const NoiseSecretStream = require('@hyperswarm/secret-stream')

export function option(name, fallback) {
  const i = process.argv.indexOf('--' + name)
  return i < 0 ? fallback : process.argv[i + 1]
}

export const keyPair = (byte) => NoiseSecretStream.keyPair(Buffer.alloc(32, byte))

export const u32 = (...numbers) => {
  const b = Buffer.alloc(4 * numbers.length)
  numbers.forEach((n, i) => b.writeUInt32LE(n, 4 * i))
  return b
}

/** A channel with three raw message types. */
export function open(mux, protocol, id, onmessage, { handshake = Buffer.from(protocol), onopen, onclose, ondrain } = {}) {
  const channel = mux.createChannel({
    protocol,
    id,
    handshake: c.raw,
    messages: [0, 1, 2].map((type) => ({ encoding: c.raw, onmessage: (m) => onmessage(type, m, channel) })),
    onopen,
    onclose,
    ondrain
  })
  if (channel) channel.open(handshake)
  return channel
}

export function attach(stream) {
  const mux = Protomux.from(stream)
  const serve = (protocol, handler) => {
    mux.pair({ protocol }, (id) => {
      let drained = () => {}
      const send = (type, m) => channel.messages[type].send(m)
      const handle = handler(send, () => channel, () => new Promise((resolve) => (drained = resolve)))
      const channel = open(mux, protocol, id, handle, { ondrain: () => drained() })
    })
  }
  serve('test/echo', (send) => (type, m) => send(1, m))
  serve('test/sink', (send) => {
    let count = 0n
    return (type, m) => {
      if (type === 0) count += BigInt(m.length)
      else {
        const b = Buffer.alloc(8)
        b.writeBigUInt64LE(count)
        send(1, b)
      }
    }
  })
  serve('test/source', (send, channel, drain) => async (type, m) => {
    const [count, size] = [m.readUInt32LE(0), m.readUInt32LE(4)]
    const block = Buffer.alloc(size, 7)
    for (let i = 0; i < count; i++) if (!send(1, block)) await drain()
    send(2, Buffer.alloc(0))
  })
  serve('test/batch', (send, channel) => (type, m) => {
    channel().cork()
    for (let i = 0; i < m.readUInt32LE(0); i++) send(1, u32(i))
    channel().uncork()
  })
  serve('test/close', (send, channel) => () => channel().close())
  return mux
}
