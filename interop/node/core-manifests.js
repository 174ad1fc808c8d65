'use strict'
// Serves cores with all kinds of manifests over secret-stream on TCP until its standard input ends:
//   node core-manifests.js DIRECTORY
// Prints {"port","cores":[{"kind","key","length","byteLength","treeHash","signature","sha256"}]}; the digest is over all blocks.
const net = require('net')
const path = require('path')
const nodeCrypto = require('crypto')
const Hypercore = require('hypercore')
const crypto = require('hypercore-crypto')
const caps = require('hypercore/lib/caps')
const multisig = require('hypercore/lib/multisig')
const SecretStream = require('@hyperswarm/secret-stream')

const pair = (byte) => crypto.keyPair(Buffer.alloc(32, byte))
const signer = (byte, namespace = Buffer.alloc(32, 200 + byte)) => ({ signature: 'ed25519', namespace, publicKey: pair(byte).publicKey })
const kinds = {
  compat: { compat: true, keyPair: pair(1) },
  v0: { keyPair: pair(2), manifest: { version: 0, hash: 'blake2b', allowPatch: false, quorum: 1, signers: [signer(2)], prologue: null } },
  v1: { keyPair: pair(3), manifest: { version: 1, hash: 'blake2b', allowPatch: false, quorum: 1, signers: [signer(3)], prologue: null } },
  v2: { keyPair: pair(4), manifest: { version: 2, hash: 'blake2b', allowPatch: false, quorum: 1, signers: [signer(4)], prologue: null, linked: null, userData: Buffer.from('datdot') } },
  'v0 two of two': { manifest: { version: 0, hash: 'blake2b', allowPatch: false, quorum: 2, signers: [signer(5), signer(6)], prologue: null } },
  'two of three': { manifest: { version: 1, hash: 'blake2b', allowPatch: true, quorum: 2, signers: [signer(7), signer(5), signer(6)], prologue: null } },
  fixed: { prologue: true },
  'two of two': { manifest: { version: 1, hash: 'blake2b', allowPatch: false, quorum: 2, signers: [signer(5), signer(6)], prologue: null } }
}

// The signatures of the signers 5 and 6 over a tree of these blocks, put together. Where patches are allowed the first
// has signed three blocks more.
async function signedByBoth (core, blocks) {
  const { allowPatch, signers } = core.manifest
  const scratch = new Hypercore(path.join(process.argv[2], 'scratch' + allowPatch + core.manifest.version))
  await scratch.append(allowPatch ? blocks.concat(['more', 'and', 'more']) : blocks)
  const shares = []
  for (const byte of [5, 6]) {
    const index = signers.findIndex((s) => s.publicKey.equals(pair(byte).publicKey))
    const length = byte === 5 ? scratch.length : blocks.length
    const context = core.manifest.version === 0 ? signers[index].namespace : core.key
    const signature = crypto.sign(caps.treeSignable(context, await scratch.treeHash(length), length, 0), pair(byte).secretKey)
    shares.push(await multisig.partialSignature(scratch.core, index, blocks.length, length, signature))
  }
  await scratch.close()
  return core.core.verifier.assemble(shares)
}

// A core whose content is known beforehand, copied from another one.
async function fixed (directory, blocks) {
  const source = new Hypercore(directory + '-source')
  await source.append(blocks)
  const core = new Hypercore(directory, { manifest: { version: 1, signers: [], prologue: { hash: await source.treeHash(), length: source.length } } })
  await core.ready()
  await core.core.copyPrologue(source.state)
  await source.close()
  return core
}

async function main () {
  const cores = []
  const described = []
  for (const [kind, options] of Object.entries(kinds)) {
    const digest = nodeCrypto.createHash('sha256')
    const blocks = []
    for (let i = 0; i < 21; i++) blocks.push(Buffer.alloc(i * 100, kind + ':' + i))
    for (const block of blocks) digest.update(block)
    const directory = path.join(process.argv[2], kind.replaceAll(' ', '-'))
    const core = options.prologue ? await fixed(directory, blocks) : new Hypercore(directory, options)
    await core.ready()
    if (options.keyPair) for (const block of blocks) await core.append(block)
    else if (!options.prologue) await core.append(blocks, { signature: await signedByBoth(core, blocks) })
    cores.push(core)
    described.push({
      kind,
      key: core.key.toString('hex'),
      length: core.length,
      byteLength: core.byteLength,
      treeHash: (await core.treeHash()).toString('hex'),
      signature: core.core.state.signature ? core.core.state.signature.toString('hex') : '',
      sha256: digest.digest('hex')
    })
  }
  const server = net.createServer((socket) => {
    socket.setNoDelay(true)
    const stream = new SecretStream(false, socket)
    stream.on('error', (error) => console.error('connection: ' + error.message))
    for (const core of cores) core.replicate(stream)
  })
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, cores: described })))
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}
main().catch((error) => { console.error(error); process.exit(1) })
