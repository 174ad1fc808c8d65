'use strict'
// Downloads one core from a peer on TCP: node sink.js --key=HEX --port=N --blocks=N; with --bootstrap=N in place of --port, from whoever
// hyperswarm finds in the DHT at that port.
const net = require('net')
const Corestore = require('corestore')
const SecretStream = require('@hyperswarm/secret-stream')
const Hyperswarm = require('hyperswarm')
const { options, folder, measure, print } = require('./common')
const { node } = require('./network')
const o = options({ key: '', port: 0, bootstrap: 0, blocks: 0 })

async function main () {
  const store = new Corestore(folder())
  const core = store.get({ key: Buffer.from(o.key, 'hex') })
  await core.ready()
  const { ms, cpuMs } = await measure(async () => {
    const replicate = (stream) => {
      stream.on('error', (error) => { console.error(error); process.exit(1) })
      store.replicate(stream)
    }
    if (o.bootstrap) {
      const swarm = new Hyperswarm({ dht: node(o.bootstrap) })
      const connected = new Promise((resolve) => swarm.once('connection', resolve))
      swarm.on('connection', replicate)
      swarm.join(core.discoveryKey, { server: false, client: true })
      await connected
    } else {
      const socket = net.connect(o.port, '127.0.0.1')
      socket.setNoDelay(true)
      const stream = new SecretStream(true, socket)
      replicate(stream)
      await stream.opened
    }
    await core.update({ wait: true })
    if (core.length < o.blocks) await new Promise((resolve) => core.on('append', () => core.length >= o.blocks && resolve()))
    await core.download({ start: 0, end: o.blocks }).done()
  })
  if (core.contiguousLength !== o.blocks) throw new Error('only ' + core.contiguousLength + ' of ' + o.blocks)
  print({ blocks: o.blocks, ms, cpuMs })
  process.exit(0)
}
main().catch((error) => { console.error(error); process.exit(1) })
