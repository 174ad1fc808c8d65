'use strict'
// Holds connections by key through the DHT at --bootstrap on which nothing is said, prints {"key"}, and tells for every line on its standard
// input how many there are and what they take: memory after a collection, and file descriptors. Needs node --expose-gc.
const fs = require('fs')
const readline = require('readline')
const { options, memory, print } = require('./common')
const { node } = require('./network')
const o = options({ bootstrap: 0 })

async function main () {
  const dht = node(o.bootstrap)
  let connections = 0
  const server = dht.createServer((stream) => {
    connections++
    stream.on('error', () => {})
    stream.on('close', () => connections--)
    stream.setKeepAlive(5000)
    stream.resume()
  })
  await server.listen()
  print({ key: server.publicKey.toString('hex') })
  readline.createInterface({ input: process.stdin })
    .on('line', () => print({ ...memory(), peers: connections, files: fs.readdirSync('/proc/self/fd').length }))
    .on('close', () => process.exit(0))
}
main().catch((error) => { console.error(error); process.exit(1) })
