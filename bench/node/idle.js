'use strict'
// Memory for each idle connection that replicates one core. --role=server serves the core, and tells for every line on its standard
// input the memory it takes after a collection; needs node --expose-gc. --role=client opens --connections with a store of its own, prints a
// line when all have the head, and stays until its standard input ends. Over TCP, or with --bootstrap over UDX, by key through the DHT there:
// then --from is the number of the first address to dial from.
const net = require('net')
const readline = require('readline')
const Corestore = require('corestore')
const SecretStream = require('@hyperswarm/secret-stream')
const { options, folder, memory, print } = require('./common')
const { node, clientHost } = require('./network')
const o = options({ role: 'server', port: 0, bootstrap: 0, peer: '', from: 0, key: '', connections: 100 })
const CONNECTIONS_PER_HOST = 50

async function server () {
  const store = new Corestore(folder())
  const core = store.get({ name: 'bench' })
  await core.append(['one', 'two', 'three'])
  const key = core.key.toString('hex')
  const serve = (stream) => {
    stream.setKeepAlive(20000)
    stream.on('error', () => {})
    store.replicate(stream)
  }
  if (o.bootstrap) {
    const listener = node(o.bootstrap).createServer(serve)
    await listener.listen()
    print({ key, peer: listener.publicKey.toString('hex'), port: 0 })
  } else {
    const listener = net.createServer((socket) => {
      socket.setNoDelay(true)
      serve(new SecretStream(false, socket))
    })
    listener.listen(0, '127.0.0.1', () => print({ key, peer: '', port: listener.address().port }))
  }
  readline.createInterface({ input: process.stdin })
    .on('line', () => print({ ...memory(), peers: core.peers.length }))
    .on('close', () => process.exit(0))
}

async function client () {
  const store = new Corestore(folder())
  const core = store.get({ key: Buffer.from(o.key, 'hex') })
  await core.ready()
  let dht = null
  for (let i = 0; i < o.connections; i++) {
    if (o.bootstrap && i % CONNECTIONS_PER_HOST === 0) {
      dht = node(o.bootstrap, clientHost(o.from + i / CONNECTIONS_PER_HOST))
      await dht.fullyBootstrapped()
    }
    const stream = dht ? dht.connect(Buffer.from(o.peer, 'hex')) : new SecretStream(true, net.connect(o.port, '127.0.0.1').setNoDelay(true))
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
