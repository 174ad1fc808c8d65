'use strict'
// Puts entries into a stock hyperbee in batches, or reads them at random after reopening it:
// node bee.js --mode=put|get --entries=100000 --batch=1000
const Corestore = require('corestore')
const Hyperbee = require('hyperbee')
const { options, folder, measure, print, shuffled } = require('./common')
const o = options({ mode: 'put', entries: 100000, batch: 1000, reads: 0, warm: 5 })

const key = (i) => Buffer.from('key-' + String(i).padStart(10, '0'))
const value = (i) => Buffer.from('value-' + String(i).padStart(26, '0'))

async function fill (bee, from, to) {
  for (let i = from; i < to; i += o.batch) {
    const batch = bee.batch()
    for (let j = i; j < Math.min(to, i + o.batch); j++) await batch.put(key(shuffled(j, o.entries)), value(j))
    await batch.flush()
  }
}

async function main () {
  const at = folder()
  let store = new Corestore(at)
  let bee = new Hyperbee(store.get({ name: 'bench' }))
  await bee.ready()
  const warm = o.mode === 'put' ? o.warm * o.batch : o.entries
  await fill(bee, 0, warm)
  if (o.mode === 'put') {
    const { ms, cpuMs } = await measure(() => fill(bee, warm, o.entries))
    print({ operations: o.entries - warm, ms, cpuMs })
  } else {
    await store.close()
    store = new Corestore(at)
    bee = new Hyperbee(store.get({ name: 'bench' }))
    await bee.ready()
    const reads = o.reads || o.entries
    let x = 1
    const { ms, cpuMs } = await measure(async () => {
      for (let i = 0; i < reads; i++) {
        x ^= x << 13; x ^= x >>> 17; x ^= x << 5
        const entry = await bee.get(key((x >>> 0) % o.entries))
        if (entry.value.length !== 32) throw new Error('wrong entry')
      }
    })
    print({ operations: reads, ms, cpuMs })
  }
  await store.close()
}
main().catch((error) => { console.error(error); process.exit(1) })
