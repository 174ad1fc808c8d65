// Stock hyperdht nodes on loopback that connect by key, driven by lines of JSON on standard input, one answer each:
//   node connect-net.mjs --nodes 6 [--bootstrap 127.0.0.1:1234]
// Prints {"bootstrap": "host:port", "port": n} when all nodes are ready. The last node does what is asked:
// {"do":"listen","seed":n}                     -> {"publicKey":hex}       serves what wire-peer.mjs lists
// {"do":"refuse","seed":n}                     -> {"publicKey":hex}       its firewall hook refuses everybody
// {"do":"connect","seed":n,"key":hex,"bytes":n} -> {"key":hex,"echoed":n}  or {"failed":s}: echoes so many bytes through the peer
// {"do":"readCore","seed":n,"key":hex,"core":hex} -> {"length":n,"sha256":hex}  all blocks of a core the peer serves
import { createRequire } from 'node:module'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { attach, open, option } from './wire-peer.mjs'
const require = createRequire(import.meta.url)
const DHT = require('hyperdht')
const createTestnet = require('hyperdht/testnet')
const Corestore = require('corestore')
const Protomux = require('protomux')

const say = (object) => console.log(JSON.stringify(object))
const given = option('bootstrap', null)
const bootstrap = given ? [{ host: given.split(':')[0], port: Number(given.split(':')[1]) }] : []
const testnet = await createTestnet(Number(option('nodes', 6)), { bootstrap })
const node = testnet.nodes[testnet.nodes.length - 1]

const keyPair = (seed) => DHT.keyPair(Buffer.alloc(32, seed))

async function listen(seed, options) {
  const server = node.createServer(options, (stream) => {
    stream.on('error', () => {})
    attach(stream)
  })
  await server.listen(keyPair(seed))
  return { publicKey: Buffer.from(server.publicKey).toString('hex') }
}

async function connect({ seed, key, bytes }) {
  const stream = node.connect(Buffer.from(key, 'hex'), { keyPair: keyPair(seed) })
  await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
  stream.on('error', () => {})
  const size = Math.min(bytes, 65536)
  const block = Buffer.alloc(size, 9)
  let echoed = 0
  let finish = () => {}
  const all = new Promise((resolve) => (finish = resolve))
  let drained = () => {}
  const channel = open(Protomux.from(stream), 'test/echo', null, (type, m) => {
    if (m.equals(block)) echoed += m.length
    if (echoed >= bytes) finish()
  }, { ondrain: () => drained() })
  for (let sent = 0; sent < bytes; sent += size) {
    if (!channel.messages[0].send(block)) await new Promise((resolve) => (drained = resolve))
  }
  await all
  const remote = stream.remotePublicKey.toString('hex')
  stream.end()
  await new Promise((resolve) => stream.once('close', resolve))
  return { key: remote, echoed }
}

async function readCore({ seed, key, core: coreKey }) {
  const folder = mkdtempSync(join(tmpdir(), 'connect-net-'))
  const store = new Corestore(folder)
  const stream = node.connect(Buffer.from(key, 'hex'), { keyPair: keyPair(seed) })
  stream.on('error', () => {})
  store.replicate(stream)
  const core = store.get({ key: Buffer.from(coreKey, 'hex') })
  await core.ready()
  await core.update({ wait: true })
  const hash = createHash('sha256')
  for (let i = 0; i < core.length; i++) hash.update(await core.get(i))
  const length = core.length
  stream.destroy()
  await store.close()
  rmSync(folder, { recursive: true })
  return { length, sha256: hash.digest('hex') }
}

async function answer(command) {
  switch (command.do) {
    case 'listen': return listen(command.seed, {})
    case 'refuse': return listen(command.seed, { firewall: () => true })
    case 'connect': return connect(command)
    case 'readCore': return readCore(command)
  }
  throw new Error('unknown: ' + command.do)
}

say({ bootstrap: testnet.bootstrap.map(({ host, port }) => host + ':' + port)[0], port: node.address().port })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line)))
  } catch (error) {
    say({ failed: error.code || error.message })
  }
}
for (const each of testnet.nodes) await each.destroy({ force: true })
process.exit(0)
