'use strict'
// Puts small files into a stock hyperdrive one after the other (--batch=1) or in batches, or reads all of them after reopening it:
// node drive.js --mode=put|get --files=10000 --size=1024 --batch=1
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const { options, folder, block, measure, print } = require('./common')
const o = options({ mode: 'put', files: 10000, size: 1024, batch: 1, warm: 200 })

const name = (i) => '/folder-' + Math.floor(i / 100) + '/file-' + i

async function fill (drive, from, to) {
  for (let i = from; i < to; i += o.batch) {
    if (o.batch === 1) {
      await drive.put(name(i), block(i, o.size))
      continue
    }
    const batch = drive.batch()
    for (let j = i; j < Math.min(to, i + o.batch); j++) await batch.put(name(j), block(j, o.size))
    await batch.flush()
  }
}

async function main () {
  const at = folder()
  let store = new Corestore(at)
  let drive = new Hyperdrive(store)
  await drive.ready()
  const warm = o.mode === 'put' ? o.warm : o.files
  await fill(drive, 0, warm)
  if (o.mode === 'put') {
    const { ms, cpuMs } = await measure(() => fill(drive, warm, warm + o.files))
    print({ operations: o.files, ms, cpuMs })
  } else {
    await drive.close()
    await store.close()
    store = new Corestore(at)
    drive = new Hyperdrive(store)
    await drive.ready()
    const { ms, cpuMs } = await measure(async () => {
      for (let i = 0; i < o.files; i++) {
        const content = await drive.get(name(i))
        if (content.readUInt32LE(0) !== i) throw new Error('wrong content of ' + name(i))
      }
    })
    print({ operations: o.files, ms, cpuMs })
  }
  await drive.close()
  await store.close()
}
main().catch((error) => { console.error(error); process.exit(1) })
