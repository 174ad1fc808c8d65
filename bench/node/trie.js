'use strict'
// A state of many entries in a base-16 Merkle Patricia trie on a log-structured database, as EthereumJS keeps one (npm @ethereumjs/trie over classic-level, its own cache of nodes):
// made, then blocks which change some entries, each with its root and written as one batch. `StateLoad` does the same in Java.
//   node trie.js --entries=200000 --dir=/tmp/x
const { Trie } = require('@ethereumjs/trie')
const { ClassicLevel } = require('classic-level')
const crypto = require('node:crypto')

const option = (name, fallback) => {
  const found = process.argv.find((each) => each.startsWith('--' + name + '='))
  return found ? found.slice(name.length + 3) : fallback
}
const count = Number(option('entries', '200000'))
const dir = option('dir')
const CHANGES = 2000
const BLOCKS = 20

class Level {
  constructor (level) { this.level = level }
  async open () { await this.level.open() }
  async get (key) { return this.level.get(key) }
  async put (key, value) { await this.level.put(key, value) }
  async del (key) { await this.level.del(key) }
  async batch (ops) { await this.level.batch(ops) }
  shallowCopy () { return new Level(this.level) }
}

const key = (i) => {
  const hash = crypto.createHash('sha256').update('entry ' + i).digest()
  return Buffer.concat([hash, hash, hash.subarray(0, 16)])
}

async function main () {
  const level = new ClassicLevel(dir, { keyEncoding: 'utf8', valueEncoding: 'utf8' })
  const trie = await Trie.create({ db: new Level(level), useNodePruning: false, cacheSize: 200000 })
  const block = async (ids) => {
    trie.checkpoint()
    for (const i of ids) await trie.put(key(i), crypto.randomBytes(36))
    await trie.commit()
    return trie.root()
  }
  let began = process.hrtime.bigint()
  for (let at = 0; at < count; at += CHANGES) {
    await block(Array.from({ length: Math.min(CHANGES, count - at) }, (_, i) => at + i))
  }
  console.log(`made ${count} entries in ${(Number(process.hrtime.bigint() - began) / 1e9).toFixed(1)} s`)
  for (let round = 0; round < 2; round++) {
    began = process.hrtime.bigint()
    for (let i = 0; i < BLOCKS; i++) await block(Array.from({ length: CHANGES }, () => crypto.randomInt(count)))
    console.log(`block of ${CHANGES} changes: ${(Number(process.hrtime.bigint() - began) / 1e6 / BLOCKS).toFixed(1)} ms, rss ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`)
  }
  await level.close()
}
main()
