'use strict'
// What a stock node in JavaScript spends on an extrinsic before it executes anything: reading it from its bytes, and checking its signature. npm @polkadot/types and @polkadot/util-crypto
// (WebAssembly), beside Node's own Ed25519 (OpenSSL). `LedgerCalls` does both and executes the call, in Java. Processor time of this process.
//   NODE_PATH=interop/node_modules node bench/node/extrinsics.js
const crypto = require('node:crypto')
const { TypeRegistry, Metadata } = require('@polkadot/types')
const metadata = require('@polkadot/types-support/metadata/static-substrate').default
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

  const registry = new TypeRegistry()
  const known = new Metadata(registry, metadata)
  registry.setMetadata(known)
  const [pallet, transfer] = registry.findMetaCall // present in all versions that have calls by index
    ? (() => {
        const balances = known.asLatest.pallets.find((each) => each.name.toString() === 'Balances')
        const calls = registry.lookup.getSiType(balances.calls.unwrap().type).def.asVariant.variants
        return [balances.index.toNumber(), calls.find((each) => each.name.toString() === 'transfer_allow_death').index.toNumber()]
      })()
    : [0, 0]
  const body = Buffer.concat([Buffer.from([0x84, 0x00]), ed.publicKey, Buffer.from([0x00]), edSignature, Buffer.from([0x00, 0x04, 0x00, ...extensions(registry), pallet, transfer, 0x00]), seed, Buffer.from([0x14])])
  const bytes = Buffer.concat([Buffer.from([((body.length << 2) | 1) & 0xff, (body.length << 2) >> 8]), body])
  const read = registry.createType('Extrinsic', bytes)
  if (read.method.method !== 'transferAllowDeath' || read.nonce.toNumber() !== 1) throw new Error('not the transfer: ' + read)
  measure('transfer read from its bytes, @polkadot/types', () => { registry.createType('Extrinsic', bytes) })
}

// Bytes of the extensions between tip and call that this metadata has beside era, nonce and tip: an absent asset, a disabled check.
function extensions (registry) {
  const extra = registry.getSignedExtensionTypes()
  return Object.keys(extra).filter((name) => !['era', 'nonce', 'tip', 'mode'].includes(name)).map(() => 0)
}
main().catch((e) => { console.error(e); process.exit(1) })
