// Makes extrinsic-vectors.json with npm @polkadot/types and @polkadot/keyring: signed extrinsics of format 4 over fixed calls,
// for the newest version in spec-versions.txt: run it again when that is raised.
import { readFileSync } from 'node:fs'
import { TypeRegistry } from '@polkadot/types'
import { Keyring } from '@polkadot/keyring'
import { cryptoWaitReady, blake2AsHex } from '@polkadot/util-crypto'
import { u8aToHex, u8aConcat, compactAddLength, hexToU8a } from '@polkadot/util'
await cryptoWaitReady()
const versions = readFileSync(new URL('spec-versions.txt', import.meta.url), 'utf8').trim().split('\n')
const specVersion = Number(versions.at(-1).split(' ')[0])
const registry = new TypeRegistry()
registry.setSignedExtensions(['CheckSpecVersion', 'CheckTxVersion', 'CheckGenesis', 'CheckMortality', 'CheckNonce', 'ChargeTransactionPayment'])
const seed = new Uint8Array(32).fill(7)
const pair = new Keyring({ type: 'ed25519' }).addFromSeed(seed)
const to = new Uint8Array(32).fill(9)
const genesis = '0x' + '5a'.repeat(32)
const calls = {
  transferSmall: u8aConcat([2, 0], to, registry.createType('Compact<u128>', 63).toU8a()),
  transferLarge: u8aConcat([2, 0], to, registry.createType('Compact<u128>', '9223372036854775807').toU8a()),
  newUser: u8aConcat([1, 0], new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)),
  // A payload of more than 256 bytes, which is hashed before it is signed.
  publishPlanLong: u8aConcat([1, 3], [0], [3], [0], [0, 0], [0], [0], registry.createType('Vec<Text>', Array.from({ length: 20 }, (_, i) => '127.0.0.1:' + (10000 + i))).toU8a())
}
const birth = '0x' + '6b'.repeat(32)
const eras = [['0x00', genesis], ...[[0, 4], [5, 64], [4097, 256], [123456, 4096]].map(([current, period]) => [registry.createType('ExtrinsicEra', { current, period }), birth])]
const vectors = []
for (const [name, method] of Object.entries(calls)) {
  for (const nonce of [0, 63, 64, 20000, 4294967294]) {
    for (const [era, blockHash] of eras) {
      const tip = nonce === 64 ? '5000000000' : nonce === 63 ? '9223372036854775807' : '0'
      const terms = { method: u8aToHex(method), era, nonce, tip, specVersion, transactionVersion: 1, genesisHash: genesis, blockHash }
      const payload = registry.createType('ExtrinsicPayload', terms, { version: 4 })
      const signable = payload.toU8a({ method: true })
      const { signature } = payload.sign(pair)
      const signed = registry.createType('ExtrinsicSignatureV4')
      signed.addSignature(pair.publicKey, signature, terms)
      const body = u8aConcat([0x84], signed.toU8a(), method)
      const extrinsic = compactAddLength(body)
      vectors.push({ name, nonce, tip, era: u8aToHex(registry.createType('ExtrinsicEra', era).toU8a()), birth: blockHash, call: u8aToHex(method), signable: u8aToHex(signable), signature, extrinsic: u8aToHex(extrinsic), hash: blake2AsHex(extrinsic, 256) })
    }
  }
}
console.log(JSON.stringify({ generator: 'extrinsic-vectors.mjs with @polkadot/types', seed: u8aToHex(seed), address: pair.address, genesis, vectors }, null, 1))
