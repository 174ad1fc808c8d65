'use strict'
// A light client of Substrate's: asks a ledger for proofs over HTTP and has Substrate's own trie (sp-trie, inside chopsticks' executor) check them against the header's root.
//   node state-proof.js http://127.0.0.1:9944
const assert = require('assert')
const { decode_proof: decode } = require('@acala-network/chopsticks-executor')

let ids = 0
const rpc = async (method, ...params) => {
  const answer = await fetch(process.argv[2], {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: ++ids, method, params })
  })
  const { result, error } = await answer.json()
  assert.ok(!error, JSON.stringify(error))
  return result
}

async function main () {
  const hash = await rpc('chain_getBlockHash')
  const { stateRoot, number } = await rpc('chain_getHeader', hash)
  const keys = []
  for (let page = []; keys.length === 0 || page.length > 0;) {
    page = await rpc('state_getKeysPaged', '0x', 500, keys.at(-1) ?? null, hash)
    keys.push(...page)
  }
  let proven = 0
  const sizes = []
  for (const key of keys) {
    const value = await rpc('state_getStorage', key, hash)
    const { at, proof } = await rpc('state_getReadProof', [key], hash)
    assert.strictEqual(at, hash)
    sizes.push(proof.reduce((sum, each) => sum + (each.length - 2) / 2, 0))
    const found = new Map(await decode(stateRoot, proof))
    assert.strictEqual(found.get(key), value, key)
    proven++
  }
  // Many at once; and what is not there.
  const all = new Map(await decode(stateRoot, (await rpc('state_getReadProof', keys.slice(0, 1000), hash)).proof))
  for (const key of keys.slice(0, 1000)) assert.ok(all.has(key), key)
  let absent = 0
  for (const key of keys.slice(0, 50)) {
    const missing = key.slice(0, -2) + (key.endsWith('77') ? '78' : '77')
    if (keys.includes(missing)) continue
    const found = new Map(await decode(stateRoot, (await rpc('state_getReadProof', [missing], hash)).proof))
    assert.ok(!found.has(missing))
    absent++
  }
  // Another root has other nodes.
  const { proof } = await rpc('state_getReadProof', [keys[0]], hash)
  const forged = await decode('0x' + '11'.repeat(32), proof).catch(() => [])
  assert.strictEqual(new Map(forged).get(keys[0]), undefined)
  console.log(JSON.stringify({ check: 'proofs', number, entries: keys.length, proven, absent, mostBytes: Math.max(...sizes) }))
}
main().then(() => process.exit(0), (e) => { console.error(e); process.exit(1) })
