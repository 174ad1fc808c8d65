// Writes wire/src/test/resources/protomux-conversations.txt: what two stock Protomux say to each other, message by message.
// Run with: node interop/node/wire-vectors.mjs > wire/src/test/resources/protomux-conversations.txt
// Lines: "scenario NAME"; "do SIDE OPERATION ..." (an API call); "SIDE> HEX" (a message that side sent, delivered at once);
// "event SIDE ..." (what that side's handler saw). "-" stands for no bytes.
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const Protomux = require('protomux')
const c = require('compact-encoding')

const hex = (b) => (b && b.length ? Buffer.from(b).toString('hex') : '-')
const bytes = (h) => (h === '-' ? null : Buffer.from(h, 'hex'))
const settle = async () => {
  for (let i = 0; i < 4; i++) await new Promise(setImmediate)
}

class FakeStream extends EventEmitter {
  constructor() {
    super()
    this.userData = null
    this.destroyed = false
    this.out = []
  }
  write(b) {
    this.out.push(Buffer.from(b))
    return true
  }
  pause() {}
  resume() {}
  end() {}
  destroy(err) {
    this.destroyed = true
    throw err || new Error('destroyed')
  }
}

const log = (...words) => console.log(words.join(' '))

class Side {
  constructor(name) {
    this.name = name
    this.stream = new FakeStream()
    this.mux = new Protomux(this.stream)
    this.channels = new Map()
  }
  open(label, protocol, id, handshake, aliases = []) {
    const event = (...words) => log('event', this.name, ...words)
    const message = (type) => ({
      encoding: c.raw,
      onmessage: (m, ch) => {
        event('message', label, type, hex(m))
        if (type === 1) ch.messages[2].send(m) // type 1 is answered with the same as type 2
        if (type === 3) ch.close() // type 3 closes
      }
    })
    const channel = this.mux.createChannel({
      protocol,
      aliases,
      id: bytes(id),
      handshake: c.raw,
      messages: [0, 1, 2, 3].map(message),
      onopen: (h) => event('open', label, hex(h)),
      onclose: (remote) => event('close', label, remote ? 'remote' : 'local')
    })
    this.channels.set(label, channel)
    channel.open(bytes(handshake) || Buffer.alloc(0))
  }
  do(op, ...args) {
    log('do', this.name, op, ...args)
    switch (op) {
      case 'open':
        return this.open(...args)
      case 'openalias':
        return this.open(args[0], args[1], args[2], args[3], [args[4]])
      case 'pair': // opens LABEL when the peer opens PROTOCOL
        return this.mux.pair({ protocol: args[1] }, (id) => {
          this.open(args[0], args[1], hex(id), args[2])
        })
      case 'pairnot':
        return this.mux.pair({ protocol: args[0] }, () => {})
      case 'send':
        return this.channels.get(args[0]).messages[Number(args[1])].send(bytes(args[2]) || Buffer.alloc(0))
      case 'close':
        return this.channels.get(args[0]).close()
      case 'cork':
        return this.mux.cork()
      case 'uncork':
        return this.mux.uncork()
    }
  }
}

let a, b
async function flow() {
  await settle()
  for (;;) {
    const [from, to] = a.stream.out.length ? [a, b] : [b, a]
    const m = from.stream.out.shift()
    if (!m) return
    log(from.name + '>', m.toString('hex'))
    to.stream.emit('data', m)
    await settle()
  }
}
async function scenario(name, ...steps) {
  log('scenario', name)
  a = new Side('A')
  b = new Side('B')
  for (const step of steps) {
    if (step === 'flow') {
      log('flow')
      await flow()
    } else {
      const [side, ...words] = step.split(' ')
      ;(side === 'A' ? a : b).do(...words)
    }
  }
  log('flow')
  await flow()
}

const ID = '11'.repeat(32)
const OTHER = '22'.repeat(32)

console.log('# made by interop/node/wire-vectors.mjs with protomux ' + require('protomux/package.json').version)
await scenario('both open at once', `A open x test/x ${ID} 0102`, `B open x test/x ${ID} 03`, 'flow', 'A send x 0 abcd', 'B send x 1 ef', 'flow', 'A send x 0 -')
await scenario('no id, no handshake', 'A open x test/x - -', 'B open y test/x - -')
await scenario('ids keep channels apart', `A open one test/x ${ID} -`, `A open two test/x ${OTHER} -`, 'flow')
await scenario('messages before the answer', `A open x test/x ${ID} 07`, 'A send x 0 01', 'A send x 1 02', `B open x test/x ${ID} 08`)
await scenario('paired on demand', `B pair x test/x 99`, `A open x test/x ${ID} 07`, 'A send x 0 01', 'A send x 1 02', 'flow', 'A send x 1 03')
await scenario('unknown protocol is rejected', `A open x test/unknown ${ID} 07`, 'A send x 0 01', 'flow', `A open y test/unknown ${ID} 07`)
await scenario('listener that opens nothing rejects', 'B pairnot test/x', `A open x test/x ${ID} 07`)
await scenario('close and reuse of ids', `A open x test/x ${ID} -`, `B open x test/x ${ID} -`, 'flow', 'A close x', 'flow', `B open z test/z - -`, `A open z test/z - -`, 'flow', 'B close z', 'flow', `A open w test/w - 05`, `B open w test/w - 06`, 'flow', 'B send w 1 77')
await scenario('both close at once', `A open x test/x ${ID} -`, `B open x test/x ${ID} -`, 'flow', 'A close x', 'B close x', 'flow', `A open x2 test/x ${ID} -`, `B open x2 test/x ${ID} -`, 'flow', 'A send x2 1 01')
await scenario('closed before the answer', `A open x test/x ${ID} -`, 'A close x', `B open x test/x ${ID} -`, 'flow', `A open y test/y - -`, `B open y test/y - -`, 'flow', 'B send y 1 0a')
await scenario('closed and rejected', `A open x test/x ${ID} -`, 'A close x', 'flow', `A open y test/y - -`, `B open y test/y - -`)
await scenario('message that closes', `A open x test/x - -`, `B open x test/x - -`, 'flow', 'A send x 3 -', 'A send x 0 01')
await scenario('batch over two channels', `A open x test/x - -`, `B open x test/x - -`, `A open y test/y - -`, `B open y test/y - -`, 'flow', 'A cork', 'A send x 0 01', 'A send x 0 0203', 'A send y 0 04', 'A send y 0 -', 'A send x 0 05', 'A uncork')
await scenario('batch of one', `A open x test/x - -`, `B open x test/x - -`, 'flow', 'A cork', 'A send x 1 01', 'A uncork')
await scenario('empty batch, nested cork', `A open x test/x - -`, `B open x test/x - -`, 'flow', 'A cork', 'A uncork', 'A cork', 'A cork', 'A send x 0 01', 'A uncork', 'A send x 0 02', 'A uncork', 'A send x 0 03')
await scenario('batch is answered with a batch', `A open x test/x - -`, `B open x test/x - -`, 'flow', 'A cork', 'A send x 1 01', 'A send x 0 02', 'A send x 1 03', 'A uncork')
await scenario('opens and closes in a batch', 'A cork', `A open x test/x ${ID} 01`, `A open y test/y - -`, 'A send y 0 0102', 'A uncork', 'B cork', `B open x test/x ${ID} 02`, `B open y test/y - -`, 'B uncork', 'flow', 'A cork', 'A close x', 'A send y 1 01', 'A close y', 'A uncork')
await scenario('alias', `A openalias x test/new ${ID} 01 test/old`, `B openalias x test/old ${ID} 02 test/new`, 'flow', 'B send x 1 03')
await scenario('long payload and many types of length', `A open x test/x - ${'ab'.repeat(300)}`, `B open x test/x - -`, 'flow', `A send x 1 ${'cd'.repeat(253)}`, 'A cork', `A send x 0 ${'ef'.repeat(300)}`, 'A send x 0 01', 'A uncork')
