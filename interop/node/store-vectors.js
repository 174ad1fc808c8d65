// Writes the golden vectors of the hypercore module with the stock packages:
//   node store-vectors.js <hypercore/src/test/resources>
// Needs hypercore, hypercore-crypto, corestore and compact-encoding to be resolvable.
const fs = require('fs')
const os = require('os')
const path = require('path')
const c = require('compact-encoding')
const crypto = require('hypercore-crypto')
const Hypercore = require('hypercore')
const Corestore = require('corestore')
const internal = (name) => require(path.join(path.dirname(require.resolve('hypercore/package.json')), 'lib', name))
const { MerkleTree, MerkleTreeBatch } = internal('merkle-tree.js')
const Verifier = internal('verifier.js')
const multisig = internal('multisig.js')
const { wire, manifest: manifestEncoding } = internal('messages.js')

// a refused request leaves lookups behind that nobody waits for
process.on('unhandledRejection', (err) => { if (!/Invalid number|Expected tree node|closed/i.test(err.message)) throw err })

const out = process.argv[2]
const hex = (b) => (b && b.length ? Buffer.from(b).toString('hex') : '-')

function block(i) {
  const b = Buffer.alloc((i * 37) % 301)
  for (let j = 0; j < b.length; j++) b[j] = (i + j * 31) & 255
  return b
}

// xorshift, the same in the test: nothing depends on it but the variety of requests
let state = 88172645463325252n
function random(n) {
  state ^= (state << 13n) & 0xffffffffffffffffn
  state ^= state >> 7n
  state ^= (state << 17n) & 0xffffffffffffffffn
  return Number((state & 0x7fffffffffffffffn) % BigInt(n))
}

function randomRequest(length) {
  const req = { id: 1, fork: 0, block: null, hash: null, seek: null, upgrade: null, manifest: false, priority: 0 }
  if (random(2)) {
    const start = random(length)
    req.upgrade = { start, length: 1 + random(length - start) }
  }
  const kind = random(4)
  if (kind === 0 || kind === 3) req.block = { index: random(length), nodes: random(5) }
  if (kind === 1) req.hash = { index: random(2 * length), nodes: random(4) }
  // the stock software answers a seek next to a block below any but the first root without the seek (it adds up a number
  // as if it were a node), so those are left out
  const single = (length & (length - 1)) === 0
  if (random(3) === 0 && (single || kind === 2)) req.seek = { bytes: random(length * 160), padding: 0 }
  return req
}

async function main() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'vectors-'))
  const keyPair = crypto.keyPair(Buffer.alloc(32, 7))
  const store = new Corestore(dir, { primaryKey: Buffer.alloc(32, 6), unsafe: true })
  const core = store.get({ keyPair, manifest: { version: 1, signers: [{ publicKey: keyPair.publicKey }] } })
  await core.ready()

  const heads = ['# length byteLength treeHash signature; made by interop/node/store-vectors.js']
  const proofs = ['# length request data-or-error; made by interop/node/store-vectors.js']
  for (let length = 0; length <= 200; length++) {
    if (length > 0) await core.append(block(length - 1))
    const hash = MerkleTree.hash(core.core.state)
    heads.push([length, core.byteLength, hex(hash), hex(core.core.state.signature)].join(' '))
    if (length === 0) continue
    for (let n = 0; n < 12; n++) {
      const req = randomRequest(length)
      const encoded = hex(c.encode(wire.request, req))
      let answer = 'error'
      const rx = core.core.state.storage.read()
      try {
        const pending = await MerkleTree.proof(core.core.state, rx, JSON.parse(JSON.stringify(req)))
        rx.tryFlush()
        const proof = await pending.settle()
        if (proof.block) proof.block.value = block(proof.block.index)
        answer = hex(c.encode(wire.data, { request: 1, ...proof }))
      } catch {
        // a request no reader asks: the stock software stumbles over it somewhere, this one must refuse it
      }
      proofs.push([length, encoded, answer].join(' '))
    }
  }
  heads.push('key ' + hex(core.key))
  fs.writeFileSync(path.join(out, 'tree-heads.txt'), heads.join('\n') + '\n')
  fs.writeFileSync(path.join(out, 'tree-proofs.txt'), proofs.join('\n') + '\n')
  await multi(store)
  await store.close()
  fs.rmSync(dir, { recursive: true })
}

// cores of all kinds of manifests: full signatures, patched ones, and some below the quorum or of the wrong length
async function multi(store) {
  const lines = ['# key manifest length roots signature valid signers signedLengths; made by interop/node/store-vectors.js']
  const pairs = [1, 2, 3, 4].map((n) => crypto.keyPair(Buffer.alloc(32, 20 + n)))
  const keyPair = crypto.keyPair(Buffer.alloc(32, 60))
  const core = store.get({ keyPair, manifest: { version: 1, signers: [{ publicKey: keyPair.publicKey }] } })
  await core.ready()
  for (let i = 0; i < 21; i++) await core.append(block(i))
  const prologue = { hash: (await batchAt(core, 13)).hash(), length: 13 }

  const add = async (verifier, key, manifest, length, signature, signers, lengths) => {
    const head = await batchAt(core, length)
    lines.push([hex(key), hex(c.encode(manifestEncoding, manifest)), length,
      head.roots.map((r) => [r.index, r.size, hex(r.hash)].join(':')).join(','), hex(signature),
      verifier.verify(head, signature), signers.join(','), lengths.join(',')].join(' '))
  }

  for (const version of [0, 1, 2]) {
    for (const allowPatch of [false, true]) {
      for (const [count, quorum] of [[1, 1], [2, 1], [2, 2], [3, 2], [3, 3], [4, 3]]) {
        const input = { version, allowPatch, quorum, signers: pairs.slice(0, count).map((p) => ({ publicKey: p.publicKey })) }
        if (version === 2) {
          input.userData = Buffer.from('extra')
          input.linked = [Buffer.alloc(32, 9)]
        }
        const manifest = Verifier.createManifest(input)
        const verifier = Verifier.fromManifest(manifest)
        for (const all of [[21, 21, 21, 21], [21, 13, 21, 8], [8, 21, 16, 21], [13, 13, 13, 13]]) {
          for (let used = 1; used <= count; used++) {
            // the last signers first, so that their positions are not those of their shares
            const signers = pairs.slice(0, count).map((_, s) => s).reverse().slice(0, used)
            const lengths = signers.map((s) => all[s])
            const shortest = Math.min(...lengths)
            const sole = count === 1 && !(version === 0 && allowPatch)
            let signature = null
            if (sole) {
              signature = verifier.sign(await batchAt(core, shortest), pairs[0])
            } else {
              const inputs = []
              for (const s of signers) inputs.push(await share(core, verifier, s, pairs[s], shortest, all[s]))
              signature = verifier.assemble(inputs)
            }
            await add(verifier, Verifier.manifestHash(manifest), manifest, shortest, signature, signers, lengths)
          }
        }
      }
    }
    // a fixed beginning, with and without signers for what follows
    for (const signers of [[], pairs.slice(0, 3).map((p) => ({ publicKey: p.publicKey }))]) {
      if (version === 0 && signers.length) continue
      const manifest = Verifier.createManifest({ version, prologue, signers })
      const verifier = Verifier.fromManifest(manifest)
      for (const length of [8, 13, 21]) {
        await add(verifier, Verifier.manifestHash(manifest), manifest, length, null, ['-'], ['-'])
        if (!signers.length) continue
        const inputs = []
        for (const s of [2, 0]) inputs.push(await share(core, verifier, s, pairs[s], length, length))
        await add(verifier, Verifier.manifestHash(manifest), manifest, length, verifier.assemble(inputs), ['-'], ['-'])
      }
    }
  }
  // an older core, whose key is its signer's
  const compat = Verifier.defaultSignerManifest(pairs[3].publicKey)
  const verifier = new Verifier(pairs[3].publicKey, compat)
  for (const length of [8, 21]) {
    await add(verifier, pairs[3].publicKey, compat, length, verifier.sign(await batchAt(core, length), pairs[3]), [0], [length])
  }
  fs.writeFileSync(path.join(out, 'signatures.txt'), lines.join('\n') + '\n')
}

// What a signer contributes who signed a length, to the signature of a shorter one.
async function share(core, verifier, s, pair, shortest, length) {
  const signature = verifier.signers[s].sign(await batchAt(core, length), pair)
  if (length === shortest) return { signer: s, signature, patch: 0, nodes: null }
  const rx = core.core.state.storage.read()
  const pending = await MerkleTree.proof(sessionAt(core, await batchAt(core, length)), rx, {
    upgrade: { start: shortest, length: length - shortest } })
  rx.tryFlush()
  return { signer: s, signature, patch: length - shortest, nodes: (await pending.settle()).upgrade.nodes }
}

function sessionAt(core, batch) {
  return { storage: core.core.state.storage, roots: batch.roots, length: batch.length, byteLength: batch.byteLength,
    fork: batch.fork, prologue: null, signature: null }
}

async function batchAt(core, length) {
  const batch = new MerkleTreeBatch(core.core.state)
  if (length !== batch.length) {
    const roots = await MerkleTree.getRoots(core.core.state, length)
    batch.roots = roots
    batch.length = length
    batch.byteLength = MerkleTree.size(roots)
  }
  return batch
}

main()
