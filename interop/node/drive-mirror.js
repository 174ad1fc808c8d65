'use strict'
// Counts with stock mirror-drive what mirroring the drive of one namespace of a store into that of another would do:
//   node drive-mirror.js DIRECTORY FROM TO
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')

async function main () {
  const [directory, from, to] = process.argv.slice(2)
  const store = new Corestore(directory)
  const source = new Hyperdrive(store.namespace(from))
  const target = new Hyperdrive(store.namespace(to))
  await source.ready()
  await target.ready()
  const mirror = source.mirror(target, { dryRun: true })
  const steps = []
  for await (const { op, key } of mirror) steps.push(op + ' ' + key)
  console.log(JSON.stringify({ ...mirror.count, steps }))
  await source.close()
  await target.close()
  await store.close()
}
main().catch((error) => { console.error(error); process.exit(1) })
