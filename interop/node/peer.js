'use strict'
// The twin of `datdot peer` on the stock packages: the vocabulary of interop/README.md, one JSON request a line on stdin, one answer a line on stdout.
//   node peer.js
const net = require('net')
const nodeCrypto = require('crypto')
const readline = require('readline')
const { tree, keyPair } = require('hypercore-crypto')
const SecretStream = require('@hyperswarm/secret-stream')
const Corestore = require('corestore')
const Hypercore = require('hypercore')
const Hyperbee = require('hyperbee')
const Hyperdrive = require('hyperdrive')
const { DEFAULT_NAMESPACE } = require('hypercore/lib/caps')

class BadRequest extends Error {}

const handles = new Map()
let handlesMade = 0

function add (kind, value, close) {
  const id = kind + ++handlesMade
  handles.set(id, { kind, value, close })
  return id
}

function take (message, kind) {
  const id = message[kind]
  const handle = handles.get(id)
  if (!handle || handle.kind !== kind) throw new BadRequest(`"${kind}": there is no ${kind} ${id}`)
  return handle.value
}

const hex = (bytes) => bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('hex')
const unhex = (text) => text === undefined || text === null ? null : Buffer.from(text, 'hex')

// The bytes a "fill" stands for: block j of its sizes.
function fill (seed, index, size) {
  const bytes = Buffer.allocUnsafe(size)
  let x = (seed + Math.imul(index, 0x9e3779b1)) >>> 0
  for (let i = 0; i < size; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}

function blocksOf (message) {
  if (message.blocks) return message.blocks.map(unhex)
  if (!message.fill) throw new BadRequest('"blocks" or "fill" is missing')
  const from = message.fill.from || 0
  return message.fill.sizes.map((size, j) => fill(message.fill.seed, from + j, size))
}

function manifestOf (version, publicKey) {
  const manifest = { version, hash: 'blake2b', allowPatch: false, quorum: 1, signers: [{ signature: 'ed25519', namespace: DEFAULT_NAMESPACE, publicKey }], prologue: null }
  return version < 2 ? manifest : { ...manifest, linked: null, userData: null }
}

async function describe (core) {
  return { key: hex(core.key), discoveryKey: hex(core.discoveryKey), writable: core.writable, length: core.length }
}

// A connection: how it ended is known when it has, null for in good order.
function carry (message, initiator, socket) {
  socket.setNoDelay(true)
  const stream = new SecretStream(initiator, socket)
  const link = { stream, socket, failure: null, ended: null }
  stream.on('error', (error) => { link.failure = link.failure || String(error.message || error) })
  link.ended = new Promise((resolve) => stream.on('close', resolve))
  if (message.core) take(message, 'core').replicate(stream)
  else take(message, 'store').replicate(stream)
  return link
}

async function endLink (link) {
  link.stream.end()
  await link.ended
  return end(link)
}

const end = (link) => ({ failure: link.failure, written: link.socket.bytesWritten })

const addLink = (link) => add('connection', link, () => endLink(link))

const node = (n) => ({ index: n.index, size: n.size, hash: hex(n.hash) })

const entryOf = (entry) => entry === null ? null : { seq: entry.seq, key: hex(entry.key), value: hex(entry.value) }

function rangeOf (message) {
  const range = { reverse: message.reverse === true, limit: message.limit === undefined ? -1 : message.limit }
  for (const bound of ['gt', 'gte', 'lt', 'lte']) if (message[bound] !== undefined) range[bound] = unhex(message[bound])
  return range
}

function driveEntry (entry) {
  const { executable, linkname, blob, metadata } = entry.value
  return { path: entry.key, seq: entry.seq, executable, linkname, blob, metadata }
}

const operations = {
  async hello () {
    return { peer: 'node', version: process.version, features: ['core', 'bee', 'drive', 'encrypted', 'truncate', 'seek'] }
  },
  async open ({ path, primaryKey }) {
    const store = new Corestore(path, { allowBackup: true, ...(primaryKey ? { primaryKey: unhex(primaryKey), unsafe: true } : {}) })
    await store.ready()
    return { store: add('store', store, () => store.close()) }
  },
  async core (message) {
    const store = take(message, 'store')
    const space = message.namespace === undefined ? store : store.namespace(message.namespace)
    const options = message.encryptionKey ? { encryption: { key: unhex(message.encryptionKey) } } : {}
    if (message.seed !== undefined) {
      options.keyPair = keyPair(unhex(message.seed))
      options.manifest = manifestOf(message.manifestVersion === undefined ? 1 : message.manifestVersion, options.keyPair.publicKey)
    } else if (message.key !== undefined) options.key = unhex(message.key)
    else if (message.name !== undefined) options.name = message.name
    else throw new BadRequest('one of "name", "key" and "seed" is needed')
    const core = space.get(options)
    await core.ready()
    return { core: add('core', core, () => core.close()), ...(await describe(core)) }
  },
  async info (message) {
    const core = take(message, 'core')
    return {
      ...(await describe(core)),
      byteLength: core.byteLength,
      contiguousLength: core.contiguousLength,
      fork: core.fork,
      treeHash: hex(tree(core.core.state.roots)),
      signature: hex(core.core.state.signature),
      peers: core.peers.length
    }
  },
  async append (message) {
    const core = take(message, 'core')
    await core.append(blocksOf(message))
    return { length: core.length }
  },
  async get (message) {
    const core = take(message, 'core')
    const wait = message.wait !== false
    return { block: hex(await core.get(message.index, { wait, timeout: message.timeoutMs || 0 })) }
  },
  async has (message) {
    const core = take(message, 'core')
    const indexes = []
    for (let i = message.start; i < message.end; i++) if (await core.has(i)) indexes.push(i)
    return { indexes }
  },
  async digest (message) {
    const core = take(message, 'core')
    const hash = nodeCrypto.createHash('sha256')
    for (let i = message.start; i < message.end; i++) {
      const block = await core.get(i, { wait: false })
      if (block === null) throw new Error('block ' + i + ' is not here')
      hash.update(block)
    }
    return { sha256: hash.digest('hex') }
  },
  async update (message) {
    const core = take(message, 'core')
    await core.update({ wait: true })
    return { length: core.length }
  },
  async wait (message) {
    const core = take(message, 'core')
    const reached = () => core.length >= message.length && core.fork >= (message.fork || 0)
    if (!reached()) {
      await new Promise((resolve) => {
        const check = () => {
          if (!reached()) return
          core.off('append', check).off('truncate', check)
          resolve()
        }
        core.on('append', check).on('truncate', check)
      })
    }
    return { length: core.length }
  },
  async download (message) {
    const core = take(message, 'core')
    const range = message.indexes ? { blocks: message.indexes } : { start: message.start, end: message.end }
    await core.download(range).done()
    return {}
  },
  async follow (message) {
    take(message, 'core').download({ start: 0, end: -1 })
    return {}
  },
  async clear (message) {
    await take(message, 'core').clear(message.start, message.end)
    return {}
  },
  async audit (message) {
    return await take(message, 'core').core.audit()
  },
  async truncate (message) {
    const core = take(message, 'core')
    await core.truncate(message.length)
    return { length: core.length, fork: core.fork }
  },
  async seek (message) {
    const [index, offset] = await take(message, 'core').seek(message.bytes)
    return { index, offset }
  },
  async proof (message) {
    const { block = null, hash = null, seek = null, upgrade = null } = message
    const proof = await take(message, 'core').proof({ block, hash, seek, upgrade })
    return {
      fork: proof.fork,
      block: proof.block && { index: proof.block.index, value: hex(proof.block.value), nodes: proof.block.nodes.map(node) },
      hash: proof.hash && { index: proof.hash.index, nodes: proof.hash.nodes.map(node) },
      seek: proof.seek && { bytes: proof.seek.bytes, nodes: proof.seek.nodes.map(node) },
      upgrade: proof.upgrade && {
        start: proof.upgrade.start,
        length: proof.upgrade.length,
        nodes: proof.upgrade.nodes.map(node),
        additionalNodes: proof.upgrade.additionalNodes.map(node),
        signature: hex(proof.upgrade.signature)
      }
    }
  },
  async listen (message) {
    const accepted = []
    const waiting = []
    const server = net.createServer((socket) => {
      const id = addLink(carry(message, false, socket))
      if (waiting.length) waiting.shift()(id)
      else accepted.push(id)
    })
    await new Promise((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', resolve))
    const next = () => accepted.length ? accepted.shift() : new Promise((resolve) => waiting.push(resolve))
    return { listener: add('listener', { next }, () => { server.close() }), port: server.address().port }
  },
  async accept (message) {
    return { connection: await take(message, 'listener').next() }
  },
  async connect (message) {
    const link = carry(message, true, net.connect(message.port, '127.0.0.1'))
    if (!(await link.stream.opened)) throw new Error('not connected: ' + link.failure)
    return { connection: addLink(link) }
  },
  async ended (message) {
    const link = take(message, 'connection')
    await link.ended
    return end(link)
  },
  async traffic (message) {
    const { socket, failure } = take(message, 'connection')
    return { read: socket.bytesRead, written: socket.bytesWritten, failure }
  },
  async close ({ handle }) {
    const open = handles.get(handle)
    if (!open) throw new BadRequest(`"handle": there is no handle ${handle}`)
    handles.delete(handle)
    return (await open.close()) || {}
  },
  async bee (message) {
    const bee = new Hyperbee(take(message, 'core'))
    await bee.ready()
    return { bee: add('bee', bee, () => {}), version: bee.version }
  },
  async 'bee-batch' (message) {
    const bee = take(message, 'bee')
    const batch = bee.batch()
    for (const { put, del, value } of message.changes) {
      if (put !== undefined) await batch.put(unhex(put), unhex(value))
      else await batch.del(unhex(del))
    }
    await batch.flush()
    return { version: bee.version }
  },
  async 'bee-put' (message) {
    const bee = take(message, 'bee')
    await bee.put(unhex(message.key), unhex(message.value))
    return { version: bee.version }
  },
  async 'bee-del' (message) {
    const bee = take(message, 'bee')
    await bee.del(unhex(message.key))
    return { version: bee.version }
  },
  async 'bee-get' (message) {
    return { entry: entryOf(await take(message, 'bee').get(unhex(message.key))) }
  },
  async 'bee-range' (message) {
    const entries = []
    for await (const entry of take(message, 'bee').createReadStream(rangeOf(message))) entries.push(entryOf(entry))
    return { entries }
  },
  async drive (message) {
    const store = take(message, 'store')
    const space = message.namespace === undefined ? store.session() : store.namespace(message.namespace)
    const options = message.encryptionKey ? { encryptionKey: unhex(message.encryptionKey) } : {}
    const drive = message.key === undefined ? new Hyperdrive(space, options) : new Hyperdrive(space, unhex(message.key), options)
    await drive.ready()
    return { drive: add('drive', drive, () => drive.close()), key: hex(drive.key), version: drive.version, writable: drive.writable }
  },
  async 'drive-info' (message) {
    const drive = take(message, 'drive')
    const blobs = await drive.getBlobs()
    return { key: hex(drive.key), version: drive.version, blobsKey: hex(blobs.core.key), blobsLength: blobs.core.length }
  },
  async 'drive-update' (message) {
    const drive = take(message, 'drive')
    await drive.update({ wait: true })
    return { version: drive.version }
  },
  async 'drive-put' (message) {
    const drive = take(message, 'drive')
    await drive.put(message.path, Buffer.concat(blocksOf(message)), { executable: message.executable === true, metadata: message.metadata })
    return { version: drive.version }
  },
  async 'drive-symlink' (message) {
    const drive = take(message, 'drive')
    await drive.symlink(message.path, message.target)
    return { version: drive.version }
  },
  async 'drive-del' (message) {
    const drive = take(message, 'drive')
    await drive.del(message.path)
    return { version: drive.version }
  },
  async 'drive-get' (message) {
    const content = await take(message, 'drive').get(message.path)
    return content === null
      ? { byteLength: null, sha256: null }
      : { byteLength: content.byteLength, sha256: nodeCrypto.createHash('sha256').update(content).digest('hex') }
  },
  async 'drive-list' (message) {
    const entries = []
    for await (const entry of take(message, 'drive').list(message.folder || '/')) entries.push(driveEntry(entry))
    return { entries }
  }
}

// The stock packages log to the console; the answers are alone on stdout.
console.log = console.error

const print = (answer) => process.stdout.write(JSON.stringify(answer) + '\n')

async function answer (line) {
  let message = null
  try {
    message = JSON.parse(line)
  } catch (error) {
    return print({ id: null, error: { code: 'bad-request', message: 'not JSON: ' + error.message } })
  }
  const id = message.id === undefined ? null : message.id
  try {
    if (!Object.hasOwn(operations, message.op)) throw new BadRequest(`there is no operation "${message.op}"`)
    print({ id, ...(await operations[message.op](message)) })
  } catch (error) {
    print({ id, error: { code: error instanceof BadRequest ? 'bad-request' : 'failed', message: String(error.message || error) } })
  }
}

const lines = readline.createInterface({ input: process.stdin })
lines.on('line', answer)
lines.on('close', async () => {
  for (const { close } of [...handles.values()].reverse()) await Promise.resolve(close()).catch(() => {})
  process.exit(0)
})
