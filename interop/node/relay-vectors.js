'use strict'
// Golden vectors of relaying and of judging address translation, made by the stock blind-relay and hyperdht:
//   node relay-vectors.js relay > ../../swarm/src/test/resources/org/datdot/swarm/relay-vectors.txt      "name hex" lines
//   node relay-vectors.js nat > ../../dht/src/test/resources/org/datdot/dht/nat-vectors.txt
// A line of the latter: the addresses a socket is seen at one after the other, "|", and after each of them the
// firewall and the addresses which follow, "-" for none.
const c = require('compact-encoding')
const { messages } = require('blind-relay')
const Nat = require('hyperdht/lib/nat')

function relay() {
  console.log('# made by interop/node/relay-vectors.js with blind-relay ' + require('blind-relay/package.json').version)
  const token = Buffer.alloc(32, 7)
  for (const isInitiator of [false, true]) {
    for (const id of [5, 300, 4000000000]) {
      const bytes = c.encode(messages.pair, { isInitiator, token, id, seq: 0 })
      console.log('pair.' + isInitiator + '.' + id, bytes.toString('hex'))
    }
  }
  console.log('unpair', c.encode(messages.unpair, { token }).toString('hex'))
}

function nat() {
  console.log('# made by interop/node/relay-vectors.js with hyperdht ' + require('hyperdht/package.json').version)
  let state = 1
  const random = (n) => {
    state = (state * 48271) % 0x7fffffff
    return state % n
  }
  for (let i = 0; i < 200; i++) {
    const hosts = 1 + random(3)
    const ports = 1 + random(5)
    const judge = new Nat({ firewalled: true }, null, null)
    const samples = []
    const results = []
    for (let j = 0; j < 8; j++) {
      const address = { host: '1.2.3.' + (1 + random(hosts)), port: 1000 + random(ports) }
      judge.add(address, { host: '5.0.0.1', port: 1 + j })
      samples.push(address.host + ':' + address.port)
      const seen = judge.addresses === null ? '-' : judge.addresses.map((a) => a.host + ':' + a.port).join(',')
      results.push(judge.firewall + '/' + seen)
    }
    console.log(samples.join(' ') + ' | ' + results.join(' '))
  }
}

process.argv[2] === 'nat' ? nat() : relay()
