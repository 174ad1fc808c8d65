'use strict'
// Golden vectors of the state trie, made by Substrate's own trie (sp-trie) inside chopsticks' executor: sets of entries and their roots. Prints JSON:
//   node trie-vectors.js > ../../chain/src/test/resources/org/datdot/chain/trie-vectors.json
const { calculate_state_root: root } = require('@acala-network/chopsticks-executor')

const STATE_VERSION = 1
// xorshift32: the same entries each time.
let seed = 0x2545f491
const next = (below) => {
  seed ^= seed << 13
  seed ^= seed >>> 17
  seed ^= seed << 5
  return (seed >>> 0) % below
}
const bytes = (length) => '0x' + Array.from({ length }, () => next(256).toString(16).padStart(2, '0')).join('')
// Few different nibbles, so that keys share beginnings, and some are the beginning of others.
const shared = (length) => '0x' + Array.from({ length: 2 * length }, () => '0f7'[next(3)]).join('')

async function main () {
  const cases = []
  const add = async (name, entries) => {
    const unique = [...new Map(entries)]
    cases.push({ name, entries: unique, root: await root(unique, STATE_VERSION) })
  }
  await add('nothing', [])
  await add('empty key and value', [['0x', '0x']])
  for (const length of [0, 1, 31, 32, 33, 64, 300]) await add(`one value of ${length} bytes`, [['0x0102', bytes(length)]])
  for (const length of [1, 15, 16, 30, 31, 32, 33, 62, 63, 64, 127, 158, 159, 160, 300]) {
    await add(`one key of ${length} bytes, short value`, [[bytes(length), '0x01']])
    await add(`one key of ${length} bytes, long value`, [[bytes(length), bytes(50)]])
    const key = bytes(length)
    await add(`branch after ${length} bytes, with values`, [[key, bytes(2)], [key + '00', bytes(2)], [key + 'ff', bytes(40)]])
    await add(`branch after ${length} bytes, with a long value`, [[key, bytes(40)], [key + '0000', '0x'], [key + 'ffff', '0x']])
    await add(`branch after ${length} bytes, without a value`, [[key + '00', bytes(40)], [key + 'f0', bytes(4)]])
  }
  for (let n = 0; n < 60; n++) {
    const entries = []
    for (let i = next(40); i >= 0; i--) entries.push([shared(next(4)), bytes([0, 1, 20, 32, 33, 70][next(6)])])
    await add(`shared beginnings ${n}`, entries)
  }
  for (const count of [10, 100, 400]) {
    const entries = []
    for (let i = 0; i < count; i++) entries.push([bytes(48), bytes(next(60))])
    await add(`${count} hashed keys`, entries)
  }
  console.log(JSON.stringify({ stateVersion: STATE_VERSION, cases }, null, 0).replaceAll('{"name"', '\n{"name"'))
}
main()
