'use strict'
// Golden blocks of stock hyperbee for sequences of operations that BeeOperations.java repeats. Prints JSON lines:
//   node drive-bee-vectors.js > ../../drive/src/test/resources/org/datdot/drive/bee-vectors.jsonl
const os = require('os')
const fs = require('fs')
const path = require('path')
const crypto = require('crypto')
const Corestore = require('corestore')
const Hyperbee = require('hyperbee')

const cases = [
  // seed, operations, different keys, longest batch (1: every operation is an append of its own), deletions in 8ths
  { seed: 1, operations: 60, keys: 40, batch: 1, deletions: 2, blocks: true },
  { seed: 2, operations: 90, keys: 60, batch: 16, deletions: 2, blocks: true },
  { seed: 3, operations: 2000, keys: 5000, batch: 1, deletions: 0 },
  { seed: 4, operations: 3000, keys: 400, batch: 1, deletions: 4 },
  { seed: 5, operations: 6000, keys: 1000, batch: 64, deletions: 3 },
  { seed: 6, operations: 6000, keys: 300, batch: 1000, deletions: 4 },
  { seed: 7, operations: 20000, keys: 100000, batch: 3000, deletions: 0 },
  { seed: 8, operations: 4000, keys: 30, batch: 200, deletions: 5 }
]

async function run (store, c) {
  const core = store.get({ name: 'bee-' + c.seed })
  const bee = new Hyperbee(core)
  await bee.ready()
  let x = c.seed
  const next = () => { x = (Math.imul(x, 1664525) + 1013904223) >>> 0; return x >>> 8 }
  let done = 0
  while (done < c.operations) {
    const target = c.batch === 1 ? bee : bee.batch()
    const end = Math.min(c.operations, done + 1 + next() % c.batch)
    for (; done < end; done++) {
      const key = Buffer.from('key-' + next() % c.keys)
      if (next() % 8 < c.deletions) await target.del(key)
      else await target.put(key, Buffer.alloc(next() % 40, 'v' + done))
    }
    if (c.batch !== 1) await target.flush()
  }
  const digest = crypto.createHash('sha256')
  const blocks = []
  for (let i = 0; i < core.length; i++) {
    const block = await core.get(i)
    digest.update(block)
    if (c.blocks) blocks.push(block.toString('hex'))
  }
  console.log(JSON.stringify({ ...c, length: core.length, sha256: digest.digest('hex'), blocks }))
}

async function main () {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drive-bee-vectors-'))
  const store = new Corestore(directory)
  for (const c of cases) await run(store, c)
  await store.close()
  fs.rmSync(directory, { recursive: true, force: true })
}
main().catch((error) => { console.error(error); process.exit(1) })
