'use strict'
// Reads a stock hypercore after reopening it: node get.js --block=65536 --mib=256 --order=sequential|random
const Hypercore = require('hypercore')
const { options, folder, block, measure, print } = require('./common')
const o = options({ block: 65536, mib: 256, order: 'sequential', reads: 0 })

async function main () {
  const at = folder()
  const blocks = Math.round((o.mib * 1048576) / o.block)
  let core = new Hypercore(at)
  await core.ready()
  for (let i = 0; i < blocks; i += 64) {
    const batch = []
    for (let j = i; j < Math.min(blocks, i + 64); j++) batch.push(block(j, o.block))
    await core.append(batch)
  }
  await core.close()
  core = new Hypercore(at)
  await core.ready()
  const reads = o.reads || blocks
  let x = 1
  const { ms, cpuMs } = await measure(async () => {
    for (let i = 0; i < reads; i++) {
      if (o.order === 'random') { x ^= x << 13; x ^= x >>> 17; x ^= x << 5 }
      const index = o.order === 'random' ? (x >>> 0) % blocks : i % blocks
      const data = await core.get(index)
      if (data.readUInt32LE(0) !== index) throw new Error('wrong block ' + index)
    }
  })
  print({ blocks: reads, bytes: reads * o.block, ms, cpuMs })
  await core.close()
}
main().catch((error) => { console.error(error); process.exit(1) })
