'use strict'
// A stock reader: replicates a hyperdrive from peers on TCP, or from those a stock hyperswarm finds by its key, and compares every byte with a folder.
//   node read-drive.js KEY FOLDER HOST:PORT [HOST:PORT …]     dht:HOST:PORT: finds them by the key, beginning with that node
// Prints {"files","bytes","ms"} when both are equal; exits 1 and says what differs when they are not.
const net = require('net')
const fs = require('fs')
const os = require('os')
const path = require('path')
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const SecretStream = require('@hyperswarm/secret-stream')
const Hyperswarm = require('hyperswarm')
const DHT = require('hyperdht')
const id = require('hypercore-id-encoding')

function listFolder (folder, prefix = '') {
  const found = []
  for (const entry of fs.readdirSync(path.join(folder, prefix), { withFileTypes: true })) {
    const name = prefix + '/' + entry.name
    if (entry.isDirectory()) found.push(...listFolder(folder, name))
    else found.push(name)
  }
  return found
}

/** Connects to everybody who is announced for the drive. */
async function meet (bootstrap, drive, store) {
  const [host, port] = bootstrap.split(':')
  const dht = new DHT({ bootstrap: [{ host, port: Number(port) }], host: '127.0.0.1' })
  const swarm = new Hyperswarm({ dht })
  swarm.on('connection', (stream) => {
    stream.on('error', (error) => console.error('a connection: ' + error.message))
    store.replicate(stream)
  })
  swarm.join(drive.discoveryKey, { client: true, server: false })
  await swarm.flush()
  if (!swarm.connections.size) throw new Error('nobody who answers is announced for the drive')
}

async function main () {
  const [key, folder, ...peers] = process.argv.slice(2)
  if (!key || !folder || !peers.length) throw new Error('usage: node read-drive.js KEY FOLDER HOST:PORT [HOST:PORT …]')
  const began = Date.now()
  const storage = fs.mkdtempSync(path.join(os.tmpdir(), 'read-drive-'))
  process.on('exit', () => fs.rmSync(storage, { recursive: true, force: true }))
  const store = new Corestore(storage)
  const drive = new Hyperdrive(store, id.decode(key))
  await drive.ready()
  const opened = []
  for (const peer of peers) {
    if (peer.startsWith('dht:')) {
      opened.push(meet(peer.slice(4), drive, store))
      continue
    }
    const at = peer.lastIndexOf(':')
    const socket = net.connect(Number(peer.slice(at + 1)), peer.slice(0, at))
    socket.setNoDelay(true)
    const stream = new SecretStream(true, socket)
    stream.on('error', (error) => console.error('connection to ' + peer + ': ' + error.message))
    store.replicate(stream)
    opened.push(stream.opened)
  }
  await Promise.all(opened)
  await drive.update({ wait: true })
  const blobs = await drive.getBlobs()
  const expected = new Set(listFolder(folder))
  let files = 0
  let bytes = 0
  const differing = []
  for await (const entry of drive.list('/')) {
    const local = path.join(folder, entry.key)
    files++
    if (!expected.delete(entry.key)) { differing.push('not in the folder: ' + entry.key); continue }
    const status = fs.lstatSync(local)
    if (entry.value.linkname) {
      if (!status.isSymbolicLink() || fs.readlinkSync(local) !== entry.value.linkname) differing.push('another link: ' + entry.key)
      continue
    }
    const data = entry.value.blob ? await blobs.get(entry.value.blob) : Buffer.alloc(0)
    bytes += data.byteLength
    if (!data.equals(fs.readFileSync(local))) differing.push('other bytes: ' + entry.key)
    if (entry.value.executable !== ((status.mode & 0o100) !== 0)) differing.push('other executable bit: ' + entry.key)
  }
  for (const missing of expected) differing.push('not in the drive: ' + missing)
  if (differing.length) throw new Error(differing.join('\n'))
  console.log(JSON.stringify({ files, bytes, ms: Date.now() - began }))
  process.exit(0)
}
main().catch((error) => { console.error(error.message); process.exit(1) })
