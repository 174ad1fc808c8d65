'use strict'
// What a tool in JavaScript spends on the signature of an extrinsic: npm @polkadot/util-crypto (WebAssembly), beside Node's own Ed25519 (OpenSSL). `LedgerCalls` reads the extrinsic, checks the same and
// executes it, in Java. Processor time of this process.
//   NODE_PATH=interop/node_modules node bench/node/extrinsics.js
const crypto = require('node:crypto')
const { cryptoWaitReady, ed25519PairFromSeed, ed25519Sign, ed25519Verify, sr25519PairFromSeed, sr25519Sign, sr25519Verify } = require('@polkadot/util-crypto')

const COUNT = 200
const ROUNDS = 5

// The least of some rounds, in microseconds of processor time for each.
function measure (what, work) {
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.cpuUsage()
    for (let i = 0; i < COUNT; i++) work(i)
    const used = process.cpuUsage(began)
    best = Math.min(best, (used.user + used.system) / COUNT)
  }
  console.log(`${what}: ${best.toFixed(1)} us, ${Math.round(1e6 / best)} a second`)
}

async function main () {
  await cryptoWaitReady()
  const message = crypto.randomBytes(150) // about what a transfer signs
  const seed = crypto.randomBytes(32)
  const ed = ed25519PairFromSeed(seed)
  const edSignature = ed25519Sign(message, ed)
  measure('ed25519 verified, @polkadot/util-crypto', () => { if (!ed25519Verify(message, edSignature, ed.publicKey)) throw new Error('false') })
  const sr = sr25519PairFromSeed(seed)
  const srSignature = sr25519Sign(message, sr)
  measure('sr25519 verified, @polkadot/util-crypto', () => { if (!sr25519Verify(message, srSignature, sr.publicKey)) throw new Error('false') })
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), ed.publicKey])
  const key = crypto.createPublicKey({ key: der, format: 'der', type: 'spki' })
  measure('ed25519 verified, OpenSSL', () => { if (!crypto.verify(null, message, key, edSignature)) throw new Error('false') })
}
main().catch((e) => { console.error(e); process.exit(1) })
