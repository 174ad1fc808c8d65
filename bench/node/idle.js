'use strict'
// Memory for each idle connection that replicates one core. --role=server serves the core, and tells for every line on its standard
// input the memory it takes after a collection; needs node --expose-gc. --role=client opens --connections with a store of its own, prints a
// line when all have the head, and stays until its standard input ends.
const fs = require('fs')
const net = require('net')
const readline = require('readline')
const Corestore = require('corestore')
const SecretStream = require('@hyperswarm/secret-stream')
const { options, folder } = require('./common')
const o = options({ role: 'server', port: 0, key: '', connections: 100 })

function memory () {
  for (let i = 0; i < 3; i++) global.gc()
  const used = process.memoryUsage()
  const pages = Number(fs.readFileSync('/proc/self/statm', 'utf8').split(' ')[1])
  return { rss: pages * 4096, live: used.heapUsed + used.external }
}

async function server () {
  const store = new Corestore(folder())
  const core = store.get({ name: 'bench' })
  await core.append(['one', 'two', 'three'])
  const listener = net.createServer((socket) => {
    socket.setNoDelay(true)
    const stream = new SecretStream(false, socket)
    stream.setKeepAlive(20000)
    stream.on('error', () => {})
    store.replicate(stream)
  })
  listener.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ key: core.key.toString('hex'), port: listener.address().port })))
  readline.createInterface({ input: process.stdin })
    .on('line', () => console.log(JSON.stringify({ ...memory(), peers: core.peers.length })))
    .on('close', () => process.exit(0))
}

async function client () {
  const store = new Corestore(folder())
  const core = store.get({ key: Buffer.from(o.key, 'hex') })
  await core.ready()
  for (let i = 0; i < o.connections; i++) {
    const socket = net.connect(o.port, '127.0.0.1')
    socket.setNoDelay(true)
    const stream = new SecretStream(true, socket)
    stream.setKeepAlive(20000)
    stream.on('error', (error) => { console.error(error); process.exit(1) })
    store.replicate(stream)
    await stream.opened
  }
  while (core.peers.length < o.connections || core.peers.some((peer) => peer.remoteLength < 3)) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  console.log('{}')
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}
const main = o.role === 'server' ? server : client
main().catch((error) => { console.error(error); process.exit(1) })
