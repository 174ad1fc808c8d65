'use strict'
// Serves one stock hypercore over secret-stream on TCP until its standard input ends; first line out is {"key","port"}.
const net = require('net')
const Corestore = require('corestore')
const SecretStream = require('@hyperswarm/secret-stream')
const { options, folder, block, print } = require('./common')
const o = options({ block: 65536, mib: 256 })

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
  const server = net.createServer((socket) => {
    socket.setNoDelay(true)
    const stream = new SecretStream(false, socket)
    stream.on('error', (error) => { if (error.code !== 'ECONNRESET') console.error(error.message) })
    store.replicate(stream)
  })
  server.listen(0, '127.0.0.1', () => print({ key: core.key.toString('hex'), port: server.address().port }))
  process.stdin.resume()
  process.stdin.on('end', () => {
    const cpu = process.cpuUsage()
    print({ cpuMs: (cpu.user + cpu.system) / 1000 })
    process.exit(0)
  })
}
main().catch((error) => { console.error(error); process.exit(1) })
