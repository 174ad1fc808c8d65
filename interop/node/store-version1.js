'use strict'
// Makes a store in the layout of version 1, as hypercore-storage before 2.0 wrote it, and the list of what is in it:
//   npm install corestore@7.0.0 hypercore@11.1.0 hypercore-storage@1.13.0     (in a folder of its own)
//   NODE_PATH=<that folder>/node_modules node store-version1.js <directory>
//   cd <directory> && zip -qr hypercore/src/test/resources/org/datdot/hypercore/store-version1.zip store expected.txt
// A line of expected.txt: name, key, length, fork, tree hash, SHA-256 over the blocks that are held, their numbers.
const fs = require('fs')
const path = require('path')
const nodeCrypto = require('crypto')
const Corestore = require('corestore')

const directory = process.argv[2]
const hex = (bytes) => Buffer.from(bytes).toString('hex')

function block (i) {
  const size = i % 50 === 7 ? 9000 : (i * 37) % 301
  const b = Buffer.alloc(size)
  for (let j = 0; j < size; j++) b[j] = (i + j * 31) & 255
  return b
}

async function append (core, count) {
  const blocks = []
  for (let i = 0; i < count; i++) blocks.push(block(core.length + i))
  await core.append(blocks)
}

async function main () {
  const store = new Corestore(path.join(directory, 'store'), { primaryKey: Buffer.alloc(32, 5), unsafe: true })
  const log = store.get({ name: 'log' })
  await log.ready()
  await append(log, 100)
  await log.truncate(60)
  await append(log, 45)
  await log.clear(10, 15)
  await log.setUserData('mark', Buffer.from('version one'))
  const draft = log.session({ name: 'draft' })
  await draft.ready()
  await draft.append(['a draft', 'of two blocks'])
  const other = store.namespace('place').get({ name: 'other' })
  await other.ready()
  await append(other, 3)
  const lines = ['# made by interop/node/store-version1.js']
  for (const [name, core] of [['log', log], ['other', other]]) {
    const digest = nodeCrypto.createHash('sha256')
    const held = []
    for (let i = 0; i < core.length; i++) {
      if (!(await core.has(i))) continue
      digest.update(await core.get(i))
      held.push(i)
    }
    lines.push([name, hex(core.key), core.length, core.fork, hex(await core.treeHash()), digest.digest('hex'), held.join(',')].join(' '))
  }
  for (const core of [draft, log, other]) await core.close()
  await store.close()
  fs.writeFileSync(path.join(directory, 'expected.txt'), lines.join('\n') + '\n')
}

main().catch((error) => { console.error(error); process.exit(1) })
