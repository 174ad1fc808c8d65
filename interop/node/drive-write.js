'use strict'
// Writes a drive with the stock packages into a store, or goes on with one, and prints what drive-read.js prints:
//   node drive-write.js DIRECTORY [SMALL_FILES]
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const { describe, content } = require('./drive-common.js')

async function main () {
  const [directory, small = '300'] = process.argv.slice(2)
  if (!directory) throw new Error('usage: node drive-write.js DIRECTORY [SMALL_FILES]')
  const store = new Corestore(directory)
  const drive = new Hyperdrive(store)
  await drive.ready()
  for (const [name, length] of [['/empty', 0], ['/one', 1], ['/block', 65536], ['/block and one', 65537], ['/big/3 MB', 3000000], ['/größe/☃ 🙂.txt', 1234]]) {
    await drive.put(name, content(name, length))
  }
  await drive.put('/bin/run', content('/bin/run', 500), { executable: true, metadata: { mime: 'text/x-sh', tags: [1, 'ä'] } })
  await drive.symlink('/link', '/one')
  await drive.symlink('/big/link', '../bin/run')
  const batch = drive.batch()
  for (let i = 0; i < Number(small); i++) await batch.put('/small/' + i + '.txt', content('s' + i, i))
  await batch.flush()
  for (let i = 0; i < Number(small); i += 3) await drive.del('/small/' + i + '.txt')
  await drive.put('/small', content('file beside a folder', 10))
  // Blocks that are not 64 KiB, and a blob with a block map whose second half it shares with the file before.
  const stream = drive.createWriteStream('/uneven')
  for (const length of [1, 70000, 3, 65536, 1000]) stream.write(content('uneven', length))
  await new Promise((resolve, reject) => { stream.on('close', resolve).on('error', reject); stream.end() })
  for (const first of ['a', 'b']) {
    const dedup = drive.createWriteStream('/dedup', { dedup: true })
    for (const part of [first, 'x', 'y', 'x', 'z']) dedup.write(content(part, 30000))
    await new Promise((resolve, reject) => { dedup.on('close', resolve).on('error', reject); dedup.end() })
  }
  console.log(JSON.stringify(await describe(drive)))
  await drive.close()
  await store.close()
}
main().catch((error) => { console.error(error); process.exit(1) })
