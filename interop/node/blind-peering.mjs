// A stock app that has its cores kept by blind peers (npm blind-peering), driven by lines of JSON, one answer each:
//   node blind-peering.mjs --bootstrap 127.0.0.1:1234
// {"do":"addCore","to":hex,"blocks":n,"bytes":n} -> {"key":hex,"sha256":hex}   when the blind peer has all blocks of a new core
// {"do":"append","blocks":n,"bytes":n}           -> {"sha256":hex}             when it has these, too
// {"do":"addAutobase","to":hex,"entries":n}      -> {"local":hex,"length":n}   when it has what was written to a new autobase
// {"do":"rpc","to":hex,"key":hex}                -> {"length":n,"announce":b} or {"failed":s}   by the method add-core
// {"do":"delete","to":hex,"key":hex}             -> {"deleted":b} or {"failed":s}
import { createRequire } from 'node:module'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { option } from './wire-peer.mjs'
const require = createRequire(import.meta.url)
const DHT = require('hyperdht')
const Corestore = require('corestore')
const BlindPeering = require('blind-peering')
const Autobase = require('autobase')
const ProtomuxRPC = require('protomux-rpc')
const c = require('compact-encoding')
const { AddCoreEncoding, DeleteCoreEncoding } = require('blind-peer-encodings')

const say = (object) => console.log(JSON.stringify(object))
const [host, port] = option('bootstrap', '').split(':')
const keyPair = DHT.keyPair(Buffer.alloc(32, Number(option('seed', 90))))
const dht = new DHT({ bootstrap: [{ host, port: Number(port) }], host: '127.0.0.1', keyPair })
const folder = mkdtempSync(join(tmpdir(), 'blind-peering-'))
const store = new Corestore(folder)
const core = store.get({ name: 'kept' })
let peering = null

const peerOf = (to) => (peering ||= new BlindPeering(dht, store, { keys: [Buffer.from(to, 'hex')], pick: 1 }))

async function uploaded(each) {
  while (!each.peers.some((peer) => peer.remoteContiguousLength >= each.length)) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function append({ blocks, bytes }) {
  const list = []
  for (let i = 0; i < blocks; i++) list.push(Buffer.alloc(bytes, (core.length + i) & 255))
  await core.append(list)
}

async function digest() {
  const hash = createHash('sha256')
  for (let i = 0; i < core.length; i++) hash.update(await core.get(i))
  return hash.digest('hex')
}

async function addAutobase({ to, entries }) {
  const base = new Autobase(store.namespace('base'), null, {
    open: (view) => view.get('view', { valueEncoding: 'json' }),
    apply: async (nodes, view) => { for (const node of nodes) await view.append(node.value) },
    valueEncoding: 'json',
    ackInterval: 0
  })
  await base.ready()
  for (let i = 0; i < entries; i++) await base.append({ i })
  await base.update()
  await peerOf(to).addAutobase(base)
  await uploaded(base.local)
  return { local: base.local.key.toString('hex'), length: base.local.length }
}

async function call(to, method, value, encoding) {
  const stream = dht.connect(Buffer.from(to, 'hex'), { keyPair })
  await stream.opened
  stream.on('error', () => {})
  const rpc = new ProtomuxRPC(stream, { id: Buffer.from(to, 'hex'), valueEncoding: c.none })
  try {
    return await rpc.request(method, value, encoding)
  } finally {
    rpc.destroy()
    stream.destroy()
  }
}

async function answer(command) {
  switch (command.do) {
    case 'addCore':
      await append(command)
      await peerOf(command.to).addCore(core)
      await uploaded(core)
      return { key: core.key.toString('hex'), sha256: await digest() }
    case 'append':
      await append(command)
      await uploaded(core)
      return { sha256: await digest() }
    case 'addAutobase': return addAutobase(command)
    case 'rpc': {
      const record = await call(command.to, 'add-core', { key: Buffer.from(command.key, 'hex'), announce: true }, AddCoreEncoding)
      return { length: record.length, announce: record.announce }
    }
    case 'delete':
      return { deleted: await call(command.to, 'delete-core', { key: Buffer.from(command.key, 'hex') }, DeleteCoreEncoding) }
    case 'unknown':
      return { answered: await call(command.to, 'make-coffee', null, {}) }
  }
  throw new Error('unknown: ' + command.do)
}

await core.ready()
say({ publicKey: keyPair.publicKey.toString('hex') })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line)))
  } catch (error) {
    say({ failed: error.code || error.stack, cause: error.cause ? error.cause.message : null })
  }
}
if (peering) await peering.close()
await dht.destroy({ force: true })
await store.close()
rmSync(folder, { recursive: true })
process.exit(0)
