'use strict'
// Stock hyperdht nodes on loopback, driven by lines of JSON on standard input; answers each with one line:
//   node dht-net.js --nodes 8 [--bootstrap 127.0.0.1:1234] [--firewalled]
// Prints {"bootstrap": "host:port", "ports": [...]} when all nodes are ready. The last node does what is asked.
const DHT = require('hyperdht')
const { createInterface } = require('readline')

const args = process.argv.slice(2)
const option = (name, fallback) => (args.includes('--' + name) ? args[args.indexOf('--' + name) + 1] : fallback)
const say = (object) => console.log(JSON.stringify(object))
const hex = (s) => Buffer.from(s, 'hex')

async function main() {
  const count = Number(option('nodes', '1'))
  const given = option('bootstrap', '')
  const nodes = []
  let bootstrap = given ? [given] : []
  if (!given) {
    const first = DHT.bootstrapper(await freePort(), '127.0.0.1', { host: '127.0.0.1' })
    await first.fullyBootstrapped()
    nodes.push(first)
    bootstrap = ['127.0.0.1:' + first.address().port]
  }
  while (nodes.length < count) {
    const node = new DHT({ bootstrap, host: '127.0.0.1', ephemeral: false, firewalled: args.includes('--firewalled') })
    await node.fullyBootstrapped()
    nodes.push(node)
  }
  say({
    bootstrap: bootstrap[0],
    ports: nodes.map((node) => node.io.serverSocket.address().port),
    ids: nodes.map((node) => (node.id ? node.id.toString('hex') : null))
  })
  const node = nodes[nodes.length - 1]
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await answer(node, nodes, JSON.parse(line)))
    } catch (error) {
      say({ failed: error.code || error.message })
    }
  }
  for (const each of nodes) await each.destroy({ force: true })
}

async function answer(node, nodes, { do: what, target, seed, value, seq, port, relays }) {
  const keyPair = seed === undefined ? null : DHT.keyPair(Buffer.alloc(32, seed))
  switch (what) {
    case 'announce': {
      const addresses = (relays || []).map((port) => ({ host: '127.0.0.1', port }))
      const query = node.announce(hex(target), keyPair, addresses)
      await query.finished()
      return { nodes: query.closestNodes.length }
    }
    case 'unannounce':
      await node.unannounce(hex(target), keyPair)
      return { done: true }
    case 'lookup': {
      const peers = new Set()
      const relays = new Set()
      for await (const reply of node.lookup(hex(target))) {
        for (const peer of reply.peers) {
          peers.add(peer.publicKey.toString('hex'))
          for (const relay of peer.relayAddresses) relays.add(relay.host + ':' + relay.port)
        }
      }
      return { peers: [...peers].sort(), relays: [...relays].sort() }
    }
    case 'findPeer': {
      const from = new Set()
      for await (const reply of node.findPeer(keyPair.publicKey)) if (reply.peer) from.add(reply.from.port)
      return { from: [...from] }
    }
    case 'immutablePut':
      return { hash: (await node.immutablePut(hex(value))).hash.toString('hex') }
    case 'immutableGet': {
      const got = await node.immutableGet(hex(target))
      return { value: got === null ? null : got.value.toString('hex') }
    }
    case 'mutablePut':
      return { nodes: (await node.mutablePut(keyPair, hex(value), { seq })).closestNodes.length }
    case 'mutableGet': {
      const got = await node.mutableGet(keyPair.publicKey, { seq })
      return got === null ? { value: null } : { value: got.value.toString('hex'), seq: got.seq }
    }
    case 'ping':
      return { to: (await node.ping({ host: '127.0.0.1', port })).to.host }
    case 'delayedPing': {
      const began = Date.now()
      await node.delayedPing({ host: '127.0.0.1', port }, 300)
      return { late: Date.now() - began >= 290 }
    }
    case 'listen': {
      const server = node.createServer()
      await server.listen(keyPair)
      return { listening: true }
    }
    case 'state':
      return { known: nodes.map((each) => each.toArray().length), ephemeral: nodes.map((each) => each.ephemeral) }
    case 'knows':
      return { known: nodes.filter((each) => each.toArray().some((other) => other.port === port)).length }
  }
  throw new Error('unknown: ' + what)
}

function freePort() {
  return new Promise((resolve) => {
    const socket = require('dgram').createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}

main()
