'use strict'
// Opens a drive of a store with the stock packages and prints all of it with digests of the contents:
//   node drive-read.js DIRECTORY [KEY [MIRROR_TO]]
// Without a key (hex or z32): the drive of the store itself, as its writer; "-" for none. MIRROR_TO is a folder to fill.
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const Localdrive = require('localdrive')
const id = require('hypercore-id-encoding')
const { describe } = require('./drive-common.js')

async function main () {
  const [directory, key, mirrorTo] = process.argv.slice(2)
  if (!directory) throw new Error('usage: node drive-read.js DIRECTORY [KEY [MIRROR_TO]]')
  const store = new Corestore(directory)
  const drive = key && key !== '-' ? new Hyperdrive(store, id.decode(key)) : new Hyperdrive(store)
  await drive.ready()
  if (mirrorTo) await drive.mirror(new Localdrive(mirrorTo)).done()
  console.log(JSON.stringify({ ...(await describe(drive)), writable: drive.writable }))
  await drive.close()
  await store.close()
}
main().catch((error) => { console.error(error); process.exit(1) })
