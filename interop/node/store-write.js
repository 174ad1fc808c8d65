// Makes a store with the stock packages, or goes on with one:
//   node store-write.js <directory> [blocks]
// Appends blocks of all sizes to the core named "log" and prints what is stored, as store-read.js does.
const Corestore = require('corestore')
const { describe, block } = require('./store-common.js')

async function main() {
  const store = new Corestore(process.argv[2])
  const core = store.get({ name: 'log' })
  await core.ready()
  const count = Number(process.argv[3] || 40)
  const end = core.length + count
  while (core.length < end) {
    const batch = []
    for (let i = 0; i < 1 + (core.length % 7) && core.length + i < end; i++) batch.push(block(core.length + i))
    await core.append(batch)
  }
  const other = store.namespace('place').get({ name: 'other' })
  await other.append(block(1))
  console.log(JSON.stringify(await describe(store)))
  await store.close()
}

main()
