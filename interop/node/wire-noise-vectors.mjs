// Writes wire/src/test/resources/noise-handshakes.txt: handshakes of the stock noise-handshake with fixed keys.
// Run with: node interop/node/wire-noise-vectors.mjs > wire/src/test/resources/noise-handshakes.txt
// Lines: PATTERN NAME HEX ("-" for no bytes).
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const Noise = require('noise-handshake')
const curve = require('noise-curve-ed')

const seed = (n) => Buffer.alloc(32, n)
const hex = (b) => (b.length ? Buffer.from(b).toString('hex') : '-')

function handshake(pattern, prologue, payloads) {
  const log = (name, value) => console.log(pattern, name, hex(value))
  const a = new Noise(pattern, true, curve.generateKeyPair(seed(1)), { curve })
  const b = new Noise(pattern, false, curve.generateKeyPair(seed(2)), { curve })
  a.e = curve.generateKeyPair(seed(11))
  b.e = curve.generateKeyPair(seed(12))
  a.initialise(prologue, pattern === 'IK' ? Buffer.from(b.s.publicKey) : null)
  b.initialise(prologue)
  log('prologue', prologue)
  for (let i = 0; !a.complete || !b.complete; i++) {
    const [from, to] = i % 2 === 0 ? [a, b] : [b, a]
    const message = Buffer.from(from.send(payloads[i]))
    log('payload' + i, payloads[i])
    log('message' + i, message)
    to.recv(message) // wipes keys within the message at the end
  }
  log('hash', a.hash)
  log('initiatorTx', a.tx)
  log('initiatorRx', a.rx)
}

console.log('# made by interop/node/wire-noise-vectors.mjs with noise-handshake ' + require('noise-handshake/package.json').version)
const none = Buffer.alloc(0)
handshake('XX', none, [none, none, none])
handshake('IK', seed(20), [Buffer.from('hello'), Buffer.from('hello yourself')])
