'use strict'
// A stock DHT of --nodes on loopback until its standard input ends; prints {"port"} of the node to begin with.
const createTestnet = require('hyperdht/testnet')
const { options, print } = require('./common')
const o = options({ nodes: 20 })

async function main () {
  const testnet = await createTestnet(o.nodes)
  print({ port: testnet.bootstrap[0].port })
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}
main().catch((error) => { console.error(error); process.exit(1) })
