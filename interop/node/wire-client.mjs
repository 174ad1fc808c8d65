// A stock peer that dials and tries everything wire-peer.mjs lists against whoever listens there.
//   node wire-client.mjs --port PORT [--host 127.0.0.1] [--seed BYTE] [--keepalive MS] [--timeout MS] [--mebibytes 64] [--expect PUBLICKEYHEX]
// Prints one line of JSON per check and ends with 0 when all passed.
import net from 'node:net'
import assert from 'node:assert'
import { createRequire } from 'node:module'
import { attach, keyPair, open, option, u32 } from './wire-peer.mjs'
const require = createRequire(import.meta.url)
const NoiseSecretStream = require('@hyperswarm/secret-stream')

const mebibytes = Number(option('mebibytes', 64))
const keepAlive = Number(option('keepalive', 0))
const socket = net.connect(Number(option('port')), option('host', '127.0.0.1'))
socket.setNoDelay(true)
const stream = new NoiseSecretStream(true, socket, { keyPair: keyPair(Number(option('seed', 1))), keepAlive })
if (option('timeout', null)) stream.setTimeout(Number(option('timeout')))
stream.on('error', (err) => {
  console.log(JSON.stringify({ event: 'error', message: err.message }))
  process.exit(1)
})
const mux = attach(stream)
await new Promise((resolve) => stream.once('connect', resolve))
const expected = option('expect', null)
if (expected) assert.strictEqual(stream.remotePublicKey.toString('hex'), expected)

const report = (check, more = {}) => console.log(JSON.stringify({ check, ...more }))
const timed = async (check, bytes, work) => {
  const start = process.hrtime.bigint()
  await work()
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  report(check, { mbPerSecond: Math.round(bytes / 1e6 / seconds) })
}
/** Opens a channel and resolves when the other side has; collects messages until `until(list)`. */
const talk = (protocol, id = null) =>
  new Promise((resolve, reject) => {
    let wake = () => {}
    const t = {
      messages: [],
      closed: false,
      until: async (done) => {
        while (!done(t.messages)) await new Promise((go) => (wake = go))
      },
      untilClosed: async () => {
        while (!t.closed) await new Promise((go) => (wake = go))
      },
      drain: () => new Promise((go) => (t.drained = go))
    }
    t.channel = open(mux, protocol, id, (type, m) => (t.messages.push([type, Buffer.from(m)]), wake()), {
      onopen: (h) => ((t.handshake = h), resolve(t)),
      onclose: () => ((t.closed = true), wake(), reject(new Error('rejected ' + protocol))),
      ondrain: () => t.drained && t.drained()
    })
    t.send = (type, m) => t.channel.messages[type].send(m)
  })

const echo = await talk('test/echo', Buffer.alloc(32, 5))
assert.strictEqual(Buffer.from(echo.handshake).toString(), 'test/echo')
for (const size of [0, 1, 252, 253, 65535, 65536, 1 << 20, 15 << 20]) echo.send(0, Buffer.alloc(size, size & 255))
await echo.until((m) => m.length === 8)
assert.deepStrictEqual(echo.messages.map(([, m]) => m.length), [0, 1, 252, 253, 65535, 65536, 1 << 20, 15 << 20])
report('echo of all sizes')

const sink = await talk('test/sink')
await timed('sink', mebibytes << 20, async () => {
  const block = Buffer.alloc(65536, 3)
  for (let i = 0; i < mebibytes * 16; i++) if (!sink.send(0, block)) await sink.drain()
  sink.send(1, Buffer.alloc(0))
  await sink.until((m) => m.length === 1)
})
assert.strictEqual(sink.messages[0][1].readBigUInt64LE(), BigInt(mebibytes << 20))

const source = await talk('test/source')
await timed('source', mebibytes << 20, async () => {
  let bytes = 0
  source.send(0, u32(mebibytes * 16, 65536))
  await source.until((list) => {
    const last = list.length > 0 && list[list.length - 1][0] === 2
    for (const [type, m] of list.splice(0)) if (type === 1) bytes += m.length
    return last
  })
  assert.strictEqual(bytes, mebibytes << 20)
})

const batch = await talk('test/batch')
batch.send(0, u32(5000))
await batch.until((m) => m.length === 5000)
batch.messages.forEach(([, m], i) => assert.strictEqual(m.readUInt32LE(0), i))
report('batch of 5000')
mux.cork()
for (let i = 0; i < 1000; i++) echo.send(0, u32(i))
mux.uncork()
await echo.until((m) => m.length === 1008)
report('batch of 1000 echoed')

const close = await talk('test/close')
close.send(0, Buffer.alloc(0))
await close.untilClosed()
report('closed by the other side')
await assert.rejects(talk('test/unknown'), /rejected/)
report('unknown protocol rejected')
for (let i = 0; i < 50; i++) {
  const t = await talk('test/echo', Buffer.alloc(32, 100 + i))
  t.send(0, Buffer.from([i]))
  await t.until((m) => m.length === 1)
  t.channel.close()
}
report('opened and closed 50 channels')
if (keepAlive > 0) {
  await new Promise((resolve) => setTimeout(resolve, 3 * keepAlive))
  echo.send(0, Buffer.from('still here'))
  await echo.until((m) => m.length === 1009)
  report('alive after being idle')
}
stream.end()
stream.on('close', () => process.exit(0))
