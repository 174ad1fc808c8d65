'use strict'
// A stock peer for cores, driven by JSON lines on stdin and answering with JSON lines on stdout:
//   node core-peer.js <store directory>
// {"cmd":"listen"}                                -> {"event":"listening","port":n}
// {"cmd":"connect","port":n}                      -> {"event":"connected"}
// {"cmd":"disconnect"}                            -> {"event":"disconnected"}
// {"cmd":"write","name":s,"count":n,"size":n}     -> {"event":"written","key":hex,"length":n}    block i of a core is "<name>:<i>:" repeated
// {"cmd":"open","key":hex}                        -> {"event":"opened","key":hex,"length":n}
// {"cmd":"update","key":hex}                      -> {"event":"updated","key":hex,"length":n}
// {"cmd":"waitLength","key":hex,"length":n}       -> {"event":"length","key":hex,"length":n}
// {"cmd":"get","key":hex,"index":n,"timeout":ms}  -> {"event":"block","index":n,"sha256":hex}
// {"cmd":"download","key":hex,"start":n,"end":n}  -> {"event":"downloaded","ms":n}
// {"cmd":"digest","key":hex,"start":n,"end":n}    -> {"event":"digest","sha256":hex}
// {"cmd":"seek","key":hex,"bytes":n}              -> {"event":"seek","index":n,"offset":n}
// {"cmd":"clear","key":hex,"start":n,"end":n}     -> {"event":"cleared"}
// {"cmd":"has","key":hex,"start":n,"end":n}       -> {"event":"has","indexes":[n]}
// {"cmd":"truncate","key":hex,"length":n,"fork":n}-> {"event":"truncated","length":n,"fork":n}   fork: optional
// {"cmd":"fork","key":hex,"secretKey":hex,"count":n,"size":n}
//                                                 -> {"event":"written",...}: opens the core with its key pair and appends, whatever others did
// {"cmd":"extend","key":hex,"name":s}             -> {"event":"extended"}: answers every message of the extension with "re:" + message
// {"cmd":"broadcast","key":hex,"name":s,"message":s}  -> {"event":"broadcast"}
// {"cmd":"heard","key":hex,"name":s,"count":n}    -> {"event":"heard","messages":[s]}: waits for that many messages
// {"cmd":"blocks","key":hex,"indexes":[n]}        -> {"event":"downloaded"}: a list of blocks
// {"cmd":"allowPush","key":hex}                   -> {"event":"allowed"}
// {"cmd":"push","key":hex,"index":n}              -> {"event":"pushed"}
// {"cmd":"waitBlock","key":hex,"index":n}         -> {"event":"has"}: waits until the block is there, without asking for it
// {"cmd":"waitFork","key":hex,"fork":n,"length":n}-> {"event":"fork","fork":n,"length":n}
// {"cmd":"frozen","key":hex}                      -> {"event":"frozen"}: waits until a conflict has frozen the core
// {"cmd":"status","key":hex}                      -> {"event":"status","length":n,"contiguousLength":n,"byteLength":n,"fork":n,"peers":n,
//                                                     "treeHash":hex,"signature":hex|null}
// {"cmd":"stop"}                                  -> {"event":"stopped"}, exits
// A command that fails answers {"event":"error","message":s}; a lost connection is {"event":"lost","message":s}.
const net = require('net')
const crypto = require('crypto')
const readline = require('readline')
const { tree } = require('hypercore-crypto')
const SecretStream = require('@hyperswarm/secret-stream')
const Corestore = require('corestore')

const store = new Corestore(process.argv[2], { allowBackup: true })
const open = new Map()
const streams = new Set()
const extensions = new Map()
let server = null

// Stock hypercore logs conflicts to the console; the answers are alone on stdout.
console.log = console.error

const print = (event) => process.stdout.write(JSON.stringify(event) + '\n')

function replicate (initiator, socket) {
  socket.setNoDelay(true)
  const stream = new SecretStream(initiator, socket)
  streams.add(stream)
  stream.on('error', (err) => print({ event: 'lost', message: String(err.message) }))
  stream.on('close', () => streams.delete(stream))
  store.replicate(stream)
  return stream
}

async function core (key) {
  if (!open.has(key)) {
    const c = store.get({ key: Buffer.from(key, 'hex') })
    await c.ready()
    open.set(key, c)
  }
  return open.get(key)
}

function block (name, index, size) {
  return Buffer.alloc(size, `${name}:${index}:`)
}

const commands = {
  async listen () {
    server = net.createServer((socket) => replicate(false, socket))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { event: 'listening', port: server.address().port }
  },
  async connect ({ port }) {
    await replicate(true, net.connect(port, '127.0.0.1')).opened
    return { event: 'connected' }
  },
  async disconnect () {
    for (const stream of streams) stream.destroy()
    return { event: 'disconnected' }
  },
  async write ({ name, count, size }) {
    const c = store.get({ name })
    await c.ready()
    open.set(c.key.toString('hex'), c)
    for (let done = 0; done < count;) {
      const batch = []
      for (; done < count && batch.length < 64; done++) batch.push(block(name, c.length + batch.length, size))
      await c.append(batch)
    }
    return { event: 'written', key: c.key.toString('hex'), length: c.length }
  },
  async open ({ key }) {
    return { event: 'opened', key, length: (await core(key)).length }
  },
  async update ({ key }) {
    const c = await core(key)
    await c.update({ wait: true })
    return { event: 'updated', key, length: c.length }
  },
  async waitLength ({ key, length }) {
    const c = await core(key)
    while (c.length < length) await new Promise((resolve) => c.once('append', resolve))
    return { event: 'length', key, length: c.length }
  },
  async get ({ key, index, timeout }) {
    const value = await (await core(key)).get(index, { timeout: timeout || 0 })
    return { event: 'block', index, sha256: crypto.createHash('sha256').update(value).digest('hex') }
  },
  async download ({ key, start, end }) {
    const began = Date.now()
    await (await core(key)).download({ start, end }).done()
    return { event: 'downloaded', ms: Date.now() - began }
  },
  async digest ({ key, start, end }) {
    const c = await core(key)
    const hash = crypto.createHash('sha256')
    for (let i = start; i < end; i++) hash.update(await c.get(i, { wait: false }))
    return { event: 'digest', sha256: hash.digest('hex') }
  },
  async has ({ key, start, end }) {
    const c = await core(key)
    const indexes = []
    for (let i = start; i < end; i++) if (await c.has(i)) indexes.push(i)
    return { event: 'has', indexes }
  },
  async seek ({ key, bytes }) {
    const [index, offset] = await (await core(key)).seek(bytes, { timeout: 2000 })
    return { event: 'seek', index, offset }
  },
  async truncate ({ key, length, fork }) {
    const c = await core(key)
    await c.truncate(length, fork === undefined ? undefined : { fork })
    return { event: 'truncated', length: c.length, fork: c.fork }
  },
  async fork ({ key, secretKey, count, size }) {
    const keyPair = { publicKey: Buffer.from(secretKey, 'hex').subarray(32), secretKey: Buffer.from(secretKey, 'hex') }
    const c = store.get({ keyPair })
    await c.ready()
    if (c.key.toString('hex') !== key) throw new Error('another core: ' + c.key.toString('hex'))
    open.set(key, c)
    for (let i = 0; i < count; i++) await c.append(block('fork', c.length, size))
    return { event: 'written', key, length: c.length }
  },
  async extend ({ key, name }) {
    const c = await core(key)
    const heard = []
    const waiting = []
    const ext = c.registerExtension(name, {
      encoding: 'utf-8',
      onmessage (message, peer) {
        heard.push(message)
        if (!message.startsWith('re:')) ext.send('re:' + message, peer)
        for (const wake of waiting.splice(0)) wake()
      }
    })
    extensions.set(key + name, { ext, heard, waiting })
    return { event: 'extended' }
  },
  async broadcast ({ key, name, message }) {
    extensions.get(key + name).ext.broadcast(message)
    return { event: 'broadcast' }
  },
  async heard ({ key, name, count }) {
    const { heard, waiting } = extensions.get(key + name)
    while (heard.length < count) await new Promise((resolve) => waiting.push(resolve))
    return { event: 'heard', messages: heard }
  },
  async blocks ({ key, indexes }) {
    await (await core(key)).download({ blocks: indexes }).done()
    return { event: 'downloaded' }
  },
  async allowPush ({ key }) {
    (await core(key)).core.replicator.setAllowPush(true)
    return { event: 'allowed' }
  },
  async push ({ key, index }) {
    await (await core(key)).core.replicator.push(index)
    return { event: 'pushed' }
  },
  async waitBlock ({ key, index }) {
    const c = await core(key)
    while (!(await c.has(index))) await new Promise((resolve) => setTimeout(resolve, 20))
    return { event: 'has' }
  },
  async waitFork ({ key, fork, length }) {
    const c = await core(key)
    while (c.fork !== fork || c.length !== length) await new Promise((resolve) => setTimeout(resolve, 20))
    return { event: 'fork', fork: c.fork, length: c.length }
  },
  async frozen ({ key }) {
    const c = await core(key)
    while (!c.core.header.frozen) await new Promise((resolve) => setTimeout(resolve, 20))
    return { event: 'frozen' }
  },
  async clear ({ key, start, end }) {
    await (await core(key)).clear(start, end)
    return { event: 'cleared' }
  },
  async status ({ key }) {
    const c = await core(key)
    return {
      event: 'status',
      length: c.length,
      contiguousLength: c.contiguousLength,
      byteLength: c.byteLength,
      fork: c.fork,
      peers: c.peers.length,
      treeHash: tree(c.core.state.roots).toString('hex'),
      signature: c.core.state.signature ? c.core.state.signature.toString('hex') : null
    }
  },
  async stop () {
    for (const stream of streams) stream.destroy()
    if (server) server.close()
    await store.close()
    print({ event: 'stopped' })
    process.exit(0)
  }
}

const lines = readline.createInterface({ input: process.stdin })
lines.on('line', async (line) => {
  const message = JSON.parse(line)
  try {
    const answer = await commands[message.cmd](message)
    print({ ...answer, id: message.id })
  } catch (err) {
    print({ event: 'error', id: message.id, message: String(err.message) })
  }
})
lines.on('close', () => process.exit(0))
print({ event: 'ready' })
