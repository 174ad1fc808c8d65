'use strict'
// Connecting by key through the DHT at --bootstrap. --role=server listens until its standard input ends and prints {"key"}; --role=client
// connects --connects times, one after the other, from each of --hosts addresses, after --warm times that do not count, and prints the median
// time from asking for a connection until it is open.
const { options, print } = require('./common')
const { node, clientHost } = require('./network')
const o = options({ role: 'server', bootstrap: 0, key: '', hosts: 4, connects: 50, warm: 50 })

async function server () {
  const dht = node(o.bootstrap)
  const listening = dht.createServer((stream) => {
    stream.on('error', () => {})
    stream.on('end', () => stream.end())
    stream.resume()
  })
  await listening.listen()
  print({ key: listening.publicKey.toString('hex') })
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}

async function connect (dht) {
  const began = process.hrtime.bigint()
  const stream = dht.connect(Buffer.from(o.key, 'hex'))
  stream.on('error', () => {})
  if (!(await stream.opened)) throw new Error('the server did not answer')
  const ms = Number(process.hrtime.bigint() - began) / 1e6
  const closed = new Promise((resolve) => stream.once('close', resolve))
  stream.end()
  stream.resume()
  await closed
  return ms
}

async function client () {
  const nodes = []
  for (let i = 0; i <= o.hosts; i++) nodes.push(node(o.bootstrap, clientHost(i)))
  for (const each of nodes) await each.fullyBootstrapped()
  for (let i = 0; i < o.warm; i++) await connect(nodes[o.hosts])
  const times = []
  const cpu = process.cpuUsage()
  for (let i = 0; i < o.hosts; i++) {
    for (let j = 0; j < o.connects; j++) times.push(await connect(nodes[i]))
  }
  const used = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  print({ ms: times[times.length >> 1], slowMs: times[Math.floor(times.length * 0.9)], cpuMs: (used.user + used.system) / 1000, operations: times.length })
  process.exit(0)
}
const main = o.role === 'server' ? server : client
main().catch((error) => { console.error(error); process.exit(1) })
