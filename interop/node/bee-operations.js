'use strict'
// Applies operations that BeeInteropTest.java sends, one JSON object a line, to a stock hyperbee, and answers questions:
//   node bee-operations.js DIRECTORY
// {"op":"put"|"del","sub":[names],"key":hex,"value":hex|null,"cas":null|"always"|"never"|"different"} {"op":"batch","sub":[…]} {"op":"flush"} {"op":"close"}
// {"ask":"blocks"} {"ask":"range"|"history"|"diff"|"get","sub":[…],"version":v,"other":v,"options":{…}}: one line of answer each.
const Corestore = require('corestore')
const Hyperbee = require('hyperbee')
const readline = require('readline')

const hex = (b) => (b ? b.toString('hex') : null)
const bytes = (h) => (h === null || h === undefined ? null : Buffer.from(h, 'hex'))
const entry = (e) => (e ? [e.seq, hex(e.key), hex(e.value)] : null)

const cas = {
  always: () => true,
  never: () => false,
  different: (prev, next) => Buffer.compare(prev.value || Buffer.alloc(0), next.value || Buffer.alloc(0)) !== 0
}

function range (options) {
  const r = { ...options }
  for (const bound of ['gt', 'gte', 'lt', 'lte']) if (typeof r[bound] === 'string') r[bound] = bytes(r[bound])
  return r
}

async function main () {
  const store = new Corestore(process.argv[2])
  const core = store.get({ name: 'bee' })
  const bee = new Hyperbee(core)
  await bee.ready()
  let batch = null
  const views = new Map()
  const view = (names) => {
    const id = (names || []).join('/')
    if (!views.has(id)) views.set(id, (names || []).reduce((b, name) => b.sub(name), bee))
    return views.get(id)
  }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const m = JSON.parse(line)
    const options = m.cas ? { cas: cas[m.cas] } : {}
    if (m.op === 'batch') batch = view(m.sub).batch()
    else if (m.op === 'flush') { await batch.flush(); batch = null } else if (m.op === 'close') { await batch.close(); batch = null } else if (m.op === 'put') await (batch || view(m.sub)).put(bytes(m.key), bytes(m.value), options)
    else if (m.op === 'del') await (batch || view(m.sub)).del(bytes(m.key), options)
    else console.log(JSON.stringify({ answer: await answer(m) }))
  }
  await bee.close()
  await store.close()

  async function answer (m) {
    const list = []
    if (m.ask === 'blocks') {
      for (let i = 0; i < core.length; i++) list.push(hex(await core.get(i)))
      return list
    }
    const all = view(m.sub)
    const then = m.version ? all.checkout(m.version) : all
    if (m.ask === 'get') return entry(await then.get(bytes(m.key)))
    if (m.ask === 'range') for await (const e of then.createReadStream(range(m.options))) list.push(entry(e))
    if (m.ask === 'history') for await (const e of then.createHistoryStream(m.options)) list.push([e.type, ...entry(e)])
    if (m.ask === 'diff') for await (const { left, right } of then.createDiffStream(m.other, range(m.options))) list.push([entry(left), entry(right)])
    return list
  }
}
main().catch((error) => { console.error(error); process.exit(1) })
