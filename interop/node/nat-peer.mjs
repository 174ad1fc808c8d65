// A stock hyperdht peer in the NAT laboratory (NatLab.java), driven by lines of JSON on standard input, one answer each:
// {"do":"net","hosts":[ip,...]}                               -> {"bootstrap":"host:port"}   open nodes, the first one to begin with
// {"do":"serve","host":ip,"open":bool,"bootstrap":s,"relay":hex?} -> {"key":hex}            a fresh node that listens and echoes
// {"do":"dial","host":ip,"open":bool,"bootstrap":s,"key":hex,"relay":hex?,"bytes":n}
//                                                             -> {"echoed":n} or {"failed":s} from a fresh node
// {"do":"swarm-serve",...}, {"do":"swarm-dial",...}           the same with a hyperswarm whose option relayThrough is "relay"
// {"do":"swarm-stay",...}                                     -> {"echoed":n}                as swarm-dial; connects again when it is lost
// {"do":"lost"}                                               -> {"failure":s,"ms":n}        sends on until the connection is over
// {"do":"again","bytes":n}                                    -> {"echoed":n}                through the next connection
// {"do":"relay","host":ip,"bootstrap":s}                      -> {"key":hex}                 a fresh open node that relays (blind-relay)
// {"do":"relayed"}                                            -> {"pairings":n}              how many streams it relays now
// {"do":"end"}                                                -> {"ended":true}              ends the fresh node
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { attach, open } from './wire-peer.mjs'
const require = createRequire(import.meta.url)
const DHT = require('hyperdht')
const Hyperswarm = require('hyperswarm')
const Protomux = require('protomux')
const relay = require('blind-relay')

const say = (object) => console.log(JSON.stringify(object))
const hex = (s) => Buffer.from(s, 'hex')
let network = []
let node = null
let relaying = null
let streams = []
let last = null
let arrived = () => {}

async function net({ hosts }) {
  const first = DHT.bootstrapper(49737, hosts[0], { host: hosts[0] })
  await first.fullyBootstrapped()
  network = [first]
  const bootstrap = [hosts[0] + ':49737']
  for (const host of hosts.slice(1)) {
    const each = new DHT({ bootstrap, host, ephemeral: false, firewalled: false })
    await each.fullyBootstrapped()
    network.push(each)
  }
  return { bootstrap: bootstrap[0] }
}

async function fresh({ host, open, bootstrap }) {
  const options = { bootstrap: [bootstrap], host }
  node = new DHT(open ? { ...options, firewalled: false } : options)
  await node.fullyBootstrapped()
}

async function serve(command) {
  await fresh(command)
  const options = command.relay ? { relayThrough: hex(command.relay) } : {}
  const server = node.createServer(options, (stream) => {
    stream.on('error', () => {})
    attach(stream)
  })
  await server.listen()
  return { key: Buffer.from(server.publicKey).toString('hex') }
}

async function dial(command) {
  await fresh(command)
  const options = command.relay ? { relayThrough: hex(command.relay) } : {}
  const stream = node.connect(hex(command.key), options)
  await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
  return echoAll(stream, command)
}

async function freshSwarm(command) {
  await fresh(command)
  const relays = command.relay.split(',').map(hex)
  const swarm = new Hyperswarm({ dht: node, relayThrough: relays.length === 1 ? relays[0] : relays })
  streams = []
  last = null
  swarm.on('connection', (stream) => {
    stream.on('error', (error) => (stream.failure = error.code || error.message))
    attach(stream)
    streams.push(stream)
    arrived()
  })
  return swarm
}

async function next() {
  while (!streams.length) await new Promise((resolve) => (arrived = resolve))
  last = streams.shift()
  return last
}

async function swarmStay(command) {
  const swarm = await freshSwarm(command)
  swarm.joinPeer(hex(command.key))
  return echoAll(await next(), command)
}

async function lost() {
  const stream = last || await next()
  last = null
  const began = Date.now()
  const over = stream.destroyed ? null : new Promise((resolve) => stream.once('close', resolve))
  const channel = echo(Protomux.from(stream), () => {})
  const sending = setInterval(() => channel.messages[0].send(Buffer.alloc(16384)), 100)
  await over
  clearInterval(sending)
  return { failure: String(stream.failure), ms: Date.now() - began }
}

async function swarmServe(command) {
  const swarm = await freshSwarm(command)
  await swarm.listen()
  return { key: Buffer.from(swarm.keyPair.publicKey).toString('hex') }
}

async function swarmDial(command) {
  const swarm = await freshSwarm(command)
  const connected = new Promise((resolve) => swarm.once('connection', resolve))
  swarm.joinPeer(hex(command.key))
  return echoAll(await connected, command)
}

async function echoAll(stream, command) {
  stream.on('error', () => {})
  const size = 16384
  const block = Buffer.alloc(size, 9)
  let echoed = 0
  let finish = () => {}
  const all = new Promise((resolve, reject) => {
    finish = resolve
    stream.once('close', () => reject(new Error('closed after ' + echoed)))
  })
  const channel = echo(Protomux.from(stream), (m) => {
    echoed += m.length
    if (echoed >= command.bytes) finish()
  })
  for (let sent = 0; sent < command.bytes; sent += size) channel.messages[0].send(block)
  await all
  channel.close()
  return { echoed }
}

function echo(mux, onecho) {
  return open(mux, 'test/echo', null, (type, m) => onecho(m))
}

async function startRelay({ host, bootstrap }) {
  await fresh({ host, open: true, bootstrap })
  relaying = new relay.Server({ createStream: (options) => node.createRawStream({ ...options, framed: true }) })
  const server = node.createServer({ shareLocalAddress: false }, (stream) => {
    stream.on('error', () => {})
    relaying.accept(stream, { id: stream.remotePublicKey }).on('error', () => {})
  })
  await server.listen()
  return { key: Buffer.from(server.publicKey).toString('hex') }
}

async function answer(command) {
  switch (command.do) {
    case 'net': return net(command)
    case 'serve': return serve(command)
    case 'dial': return dial(command)
    case 'swarm-serve': return swarmServe(command)
    case 'swarm-dial': return swarmDial(command)
    case 'swarm-stay': return swarmStay(command)
    case 'lost': return lost()
    case 'again': return echoAll(await next(), command)
    case 'relay': return startRelay(command)
    case 'relayed': return { pairings: relaying.stats.pairings.active }
    case 'end':
      if (node) await node.destroy({ force: true })
      node = null
      return { ended: true }
  }
  throw new Error('unknown: ' + command.do)
}

say({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line)))
  } catch (error) {
    say({ failed: error.code || error.message })
  }
}
process.exit(0)
