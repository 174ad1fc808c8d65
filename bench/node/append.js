'use strict'
// Appends blocks to a stock hypercore: node append.js --block=65536 --batch=16 --mib=256
const Hypercore = require('hypercore')
const { options, folder, block, measure, print } = require('./common')
const o = options({ block: 65536, batch: 16, mib: 256, warm: 20 })

async function main () {
  const core = new Hypercore(folder())
  await core.ready()
  const data = block(0, o.block)
  const batch = o.batch > 1 ? Array.from({ length: o.batch }, () => data) : data
  for (let i = 0; i < o.warm; i++) await core.append(batch)
  const rounds = Math.max(1, Math.round((o.mib * 1048576) / (o.block * o.batch)))
  const { ms, cpuMs } = await measure(async () => {
    for (let i = 0; i < rounds; i++) await core.append(batch)
  })
  print({ blocks: rounds * o.batch, bytes: rounds * o.batch * o.block, ms, cpuMs })
  await core.close()
}
main().catch((error) => { console.error(error); process.exit(1) })
