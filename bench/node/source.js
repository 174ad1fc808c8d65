'use strict'
// Serves one stock hypercore over secret-stream on TCP until its standard input ends; first line out is {"key","port"}. With --bootstrap it is
// served by hyperswarm instead, in the DHT at that port.
const net = require('net')
const Corestore = require('corestore')
const SecretStream = require('@hyperswarm/secret-stream')
const Hyperswarm = require('hyperswarm')
const { options, folder, block, print } = require('./common')
const { node } = require('./network')
const o = options({ block: 65536, mib: 256, bootstrap: 0 })

async function main () {
  const store = new Corestore(folder())
  const core = store.get({ name: 'bench' })
  await core.ready()
  const blocks = Math.round((o.mib * 1048576) / o.block)
  for (let i = 0; i < blocks; i += 32) {
    const batch = []
    for (let j = i; j < Math.min(blocks, i + 32); j++) batch.push(block(j, o.block))
    await core.append(batch)
  }
  const serve = (stream) => {
    stream.on('error', (error) => { if (error.code !== 'ECONNRESET') console.error(error.message) })
    store.replicate(stream)
  }
  if (o.bootstrap) {
    const swarm = new Hyperswarm({ dht: node(o.bootstrap) })
    swarm.on('connection', serve)
    await swarm.join(core.discoveryKey, { server: true, client: false }).flushed()
    print({ key: core.key.toString('hex'), port: 0 })
  } else {
    const server = net.createServer((socket) => {
      socket.setNoDelay(true)
      serve(new SecretStream(false, socket))
    })
    server.listen(0, '127.0.0.1', () => print({ key: core.key.toString('hex'), port: server.address().port }))
  }
  process.stdin.resume()
  process.stdin.on('end', () => {
    const cpu = process.cpuUsage()
    print({ cpuMs: (cpu.user + cpu.system) / 1000 })
    process.exit(0)
  })
}
main().catch((error) => { console.error(error); process.exit(1) })
