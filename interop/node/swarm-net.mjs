// Stock hyperdht nodes on loopback and stock hyperswarms among them, driven by lines of JSON on standard input, one answer each:
//   node swarm-net.mjs --nodes 4 [--bootstrap 127.0.0.1:1234]        --nodes 0 makes no nodes, only swarms
// Prints {"bootstrap": "host:port"} when all nodes are ready. Swarms are named by the number their key is made of:
// {"do":"swarm","seed":n,"refuse":hex}        -> {"publicKey":hex}   a swarm that refuses one peer; serves what wire-peer.mjs lists
// {"do":"join","seed":n,"topic":hex,"server":b,"client":b} -> {}     when it is announced and looked up
// {"do":"joinPeer","seed":n,"key":hex}        -> {}
// {"do":"listen","seed":n}                    -> {}                  when it is known who passes handshakes on to it
// {"do":"flush","seed":n}                     -> {"peers":[hex]}      when all peers that were found are dialled
// {"do":"leave","seed":n,"topic":hex}         -> {}                  when that is known
// {"do":"peers","seed":n,"count":n}           -> {"peers":[hex],"opened":n}  when so many are connected; how many were in all
// {"do":"echo","seed":n,"key":hex,"bytes":n}  -> {"echoed":n}        through the connection to that peer
// {"do":"drop","seed":n}                      -> {}                  ends all connections
// {"do":"destroy","seed":n}                   -> {}
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { attach, open, option } from './wire-peer.mjs'
const require = createRequire(import.meta.url)
const DHT = require('hyperdht')
const createTestnet = require('hyperdht/testnet')
const Hyperswarm = require('hyperswarm')
const Protomux = require('protomux')

const say = (object) => console.log(JSON.stringify(object))
const hex = (buffer) => Buffer.from(buffer).toString('hex')
const given = option('bootstrap', null)
const bootstrap = given ? [{ host: given.split(':')[0], port: Number(given.split(':')[1]) }] : []
const testnet = await createTestnet(Number(option('nodes', 4)), { bootstrap })
const known = testnet.bootstrap.length ? testnet.bootstrap : bootstrap
const swarms = new Map()

function create({ seed, refuse }) {
  const swarm = new Hyperswarm({
    seed: Buffer.alloc(32, seed),
    // Ephemeral: not one of the network's nodes, so that nobody waits for it when it has gone.
    dht: new DHT({ bootstrap: known, host: '127.0.0.1', ephemeral: true, firewalled: false }),
    firewall: (key) => hex(key) === refuse
  })
  swarm.all = 0
  swarm.on('connection', (stream) => {
    swarm.all++
    stream.on('error', () => {})
    attach(stream)
  })
  swarms.set(seed, swarm)
  return { publicKey: hex(swarm.keyPair.publicKey) }
}

async function peers(swarm, count) {
  while (swarm.connections.size !== count) await new Promise((resolve) => swarm.once('update', resolve))
  return { peers: [...swarm.connections].map((each) => hex(each.remotePublicKey)), opened: swarm.all }
}

async function echo(swarm, { key, bytes }) {
  const stream = [...swarm.connections].find((each) => hex(each.remotePublicKey) === key)
  const block = Buffer.alloc(Math.min(bytes, 65536), 9)
  let echoed = 0
  let finish = () => {}
  let drained = () => {}
  const all = new Promise((resolve) => (finish = resolve))
  const channel = open(Protomux.from(stream), 'test/echo', null, (type, m) => {
    if (m.equals(block)) echoed += m.length
    if (echoed >= bytes) finish()
  }, { ondrain: () => drained() })
  for (let sent = 0; sent < bytes; sent += block.length) {
    if (!channel.messages[0].send(block)) await new Promise((resolve) => (drained = resolve))
  }
  await all
  channel.close()
  return { echoed }
}

async function answer(command) {
  if (command.do === 'swarm') return create(command)
  const swarm = swarms.get(command.seed)
  switch (command.do) {
    case 'join':
      await swarm.join(Buffer.from(command.topic, 'hex'), { server: command.server, client: command.client }).flushed()
      return {}
    case 'listen':
      await swarm.listen()
      return {}
    case 'flush':
      await swarm.flush()
      return { peers: [...swarm.connections].map((each) => hex(each.remotePublicKey)) }
    case 'joinPeer':
      swarm.joinPeer(Buffer.from(command.key, 'hex'))
      return {}
    case 'leave':
      await swarm.leave(Buffer.from(command.topic, 'hex'))
      return {}
    case 'peers': return peers(swarm, command.count)
    case 'echo': return echo(swarm, command)
    case 'drop':
      for (const each of swarm.connections) each.destroy()
      return {}
    case 'destroy':
      await swarm.destroy()
      swarms.delete(command.seed)
      return {}
  }
  throw new Error('unknown: ' + command.do)
}

say({ bootstrap: known.map(({ host, port }) => host + ':' + port)[0] })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line)))
  } catch (error) {
    say({ failed: error.code || error.stack })
  }
}
for (const swarm of swarms.values()) await swarm.destroy({ force: true })
for (const each of testnet.nodes) await each.destroy({ force: true })
process.exit(0)
