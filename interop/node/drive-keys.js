'use strict'
// Prints the keys of the drives that HyperdriveTest.java opens, of a store whose primary key is 32 times 7.
const os = require('os')
const fs = require('fs')
const path = require('path')
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')

async function main () {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drive-keys-'))
  const store = new Corestore(directory, { primaryKey: Buffer.alloc(32, 7), unsafe: true })
  for (const space of [null, 'photos']) {
    const drive = new Hyperdrive(space ? store.namespace(space) : store.session())
    await drive.ready()
    console.log(JSON.stringify({ space, key: drive.key.toString('hex'), blobs: drive.contentKey.toString('hex') }))
  }
  await store.close()
  fs.rmSync(directory, { recursive: true, force: true })
}
main().catch((error) => { console.error(error); process.exit(1) })
