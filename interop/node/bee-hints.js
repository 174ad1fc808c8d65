'use strict'
// Two sides of a test that a stock hyperbee and ours tell each other which blocks a search needs:
//   node bee-hints.js serve DIRECTORY COUNT      writes COUNT keys, prints {"key", "port"}, serves until the input ends
//   node bee-hints.js read DIRECTORY KEY PORT    reads the last entry of the bee there, prints {"entry"}, then {"blocks"} for every line of input
const net = require('net')
const readline = require('readline')
const Corestore = require('corestore')
const Hyperbee = require('hyperbee')
const SecretStream = require('@hyperswarm/secret-stream')

const print = (value) => console.log(JSON.stringify(value))

function carry (store, initiator, socket) {
  const stream = new SecretStream(initiator, socket)
  stream.on('error', (error) => console.error(error))
  store.replicate(stream)
}

async function serve (store, count) {
  const bee = new Hyperbee(store.get({ name: 'bee' }))
  const batch = bee.batch()
  for (let i = 0; i < count; i++) await batch.put('key-' + String(i).padStart(6, '0'), 'value ' + i)
  await batch.flush()
  const server = net.createServer((socket) => carry(store, false, socket))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  print({ key: bee.key.toString('hex'), port: server.address().port })
}

async function read (store, key, port) {
  const core = store.get({ key: Buffer.from(key, 'hex') })
  await core.ready()
  carry(store, true, net.connect(Number(port), '127.0.0.1'))
  await core.update({ wait: true })
  const bee = new Hyperbee(core)
  for await (const entry of bee.createReadStream({ reverse: true })) {
    print({ entry: entry.key.toString() })
    break
  }
  return () => {
    let blocks = 0
    for (let i = 0; i < core.length; i++) if (core.core.bitfield.get(i)) blocks++
    print({ blocks })
  }
}

async function main () {
  const [mode, directory, ...rest] = process.argv.slice(2)
  const store = new Corestore(directory)
  const count = mode === 'serve' ? await serve(store, Number(rest[0])) : await read(store, rest[0], rest[1])
  for await (const _ of readline.createInterface({ input: process.stdin })) count()
  process.exit(0)
}

main().catch((error) => { console.error(error); process.exit(1) })
