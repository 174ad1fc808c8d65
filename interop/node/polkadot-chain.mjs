// A stock @polkadot/api client that uses all of a ledger: every constant, storage entry, extrinsic, subscription.
//   node polkadot-chain.mjs ws://127.0.0.1:PORT
// The accounts with the seeds 1, 1, … and so on to 6 are rich. Prints one line of JSON per check and ends with 0 when all passed.
import assert from 'node:assert'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const { ApiPromise, WsProvider, Keyring } = require('@polkadot/api')
const { u8aToHex, u8aConcat, compactToU8a, stringCamelCase } = require('@polkadot/util')
const { blake2AsU8a, cryptoWaitReady } = require('@polkadot/util-crypto')

await cryptoWaitReady()
const warnings = []
for (const level of ['warn', 'error']) console[level] = (...all) => warnings.push(all.map(String).join(' '))
const provider = new WsProvider(process.argv[2])
const api = await ApiPromise.create({ provider, noInitWarn: false, throwOnConnect: true, throwOnUnknown: true })
const report = (check, more = {}) => console.log(JSON.stringify({ check, ...more }))
const keyring = new Keyring({ type: 'ed25519' })
const people = [1, 2, 3, 4, 5, 6].map((n) => keyring.addFromSeed(new Uint8Array(32).fill(n)))
const signers = people.map((_, n) => keyring.addFromSeed(new Uint8Array(32).fill(100 + n)))
const [alice, bob] = people
const genesis = api.genesisHash.toU8a()

report('connected', {
  chain: api.runtimeChain.toString(),
  spec: api.runtimeVersion.specName.toString(),
  pallets: api.runtimeMetadata.asLatest.pallets.map((p) => p.name.toString())
})

// --- constants, storage ---
let constants = 0
const named = {}
for (const pallet of api.runtimeMetadata.asLatest.pallets) {
  const section = stringCamelCase(pallet.name.toString())
  for (const constant of pallet.constants) {
    const value = api.consts[section][stringCamelCase(constant.name.toString())]
    assert.ok(value !== undefined, `${section}.${constant.name}`)
    named[`${section}.${constant.name}`] = value.toString()
    constants++
  }
}
report('constants', { constants, named })

/** Reads all of the state, each entry through its own type; the names of those that have a value. */
const readAll = async () => {
  const full = new Set()
  let items = 0
  // After one block, so that no new one changes what is compared.
  const at = await api.at(await api.rpc.chain.getBlockHash())
  for (const pallet of api.runtimeMetadata.asLatest.pallets) {
    if (pallet.storage.isNone) continue
    const section = stringCamelCase(pallet.name.toString())
    for (const item of pallet.storage.unwrap().items) {
      const name = `${section}.${stringCamelCase(item.name.toString())}`
      const entry = at.query[section][stringCamelCase(item.name.toString())]
      assert.ok(entry, name)
      items++
      if (item.type.isMap) {
        const all = await entry.entries()
        for (const [key] of all) {
          assert.strictEqual(key.args.length, item.type.asMap.hashers.length)
          full.add(name)
        }
        const one = all[0] && (await entry(...all[0][0].args))
        if (one) assert.strictEqual(one.toHex(), all[0][1].toHex(), name)
      } else {
        const value = await entry()
        if (!value.isEmpty) full.add(name)
      }
    }
  }
  return { items, full: [...full].sort() }
}
report('storage at first', await readAll())

// --- subscriptions ---
const heads = []
const finalized = []
const eventsSeen = []
const balances = []
const stops = [
  await api.rpc.chain.subscribeNewHeads((h) => heads.push(h)),
  await api.rpc.chain.subscribeFinalizedHeads((h) => finalized.push(h)),
  await api.query.system.events((records) => eventsSeen.push(...records.map((r) => `${r.event.section}.${r.event.method}`))),
  await api.query.system.account(bob.address, (a) => balances.push(a.data.free.toString()))
]

// --- submitting ---
const good = new Set()
const wrong = {}
/** Signs, hands in and waits until it is in a block; what became of it. */
const submit = (tx, who, options = {}) =>
  new Promise((resolve, reject) => {
    let stop = null
    tx.signAndSend(who, options, (result) => {
      if (result.internalError) reject(result.internalError)
      else if (result.isError) reject(new Error(`${tx.method.section}.${tx.method.method} is ${result.status}`))
      if (result.status.isFinalized) {
        if (stop) stop()
        const module = result.dispatchError?.isModule ? api.registry.findMetaError(result.dispatchError.asModule) : null
        resolve({ result, error: module && `${module.section}.${module.name}`, events: result.events.map((r) => r.event) })
      }
    }).then((s) => (stop = s), reject)
  })
const name = (tx) => `${tx.method.section}.${tx.method.method}`
const accepted = async (tx, who, options) => {
  const done = await submit(tx, who, options)
  assert.strictEqual(done.error, null, `${name(tx)} failed: ${JSON.stringify(done.events.map((e) => e.toHuman()))}`)
  assert.ok(done.events.some((e) => api.events.system.ExtrinsicSuccess.is(e)), `${name(tx)}: ${JSON.stringify(done.events.map((e) => e.toHuman()))}`)
  good.add(name(tx))
  return done
}
const rejected = async (tx, who, expected) => {
  const done = await submit(tx, who)
  assert.strictEqual(done.error, `datDot.${expected}`, name(tx))
  assert.ok(done.events.some((e) => api.events.system.ExtrinsicFailed.is(e)))
  wrong[name(tx)] = done.error
}
const event = (done, method) => done.events.find((e) => e.method === method)
const number = (x) => BigInt(x.toString().replaceAll(',', ''))

/** Looks with each new block until there is something. */
const waitFor = (what, found) =>
  new Promise((resolve, reject) => {
    let stop = null
    let busy = false
    let done = false
    const look = async () => {
      if (busy || done) return
      busy = true
      const value = await found()
      busy = false
      if (value) {
        done = true
        if (stop) stop()
        resolve(value)
      }
    }
    api.rpc.chain.subscribeNewHeads(() => look().catch(reject)).then((s) => (done ? s() : (stop = s)), reject)
    setTimeout(() => reject(new Error('no ' + what + ' in time')), 40000).unref()
  })
// Balances, with eras, nonces, tips and fees.
const transfer = (units) => api.tx.balances.transferAllowDeath(bob.address, units)
const info = await transfer(1000).paymentInfo(alice)
const before = (await api.query.system.account(alice.address)).data.free.toBigInt()
assert.ok(info.weight.refTime.toBigInt() > 0n)
const mortal = await accepted(transfer(1000), alice)
const [paid] = mortal.events.find((e) => api.events.system.ExtrinsicSuccess.is(e)).data
assert.strictEqual(paid.weight.refTime.toBigInt(), info.weight.refTime.toBigInt())
assert.ok(paid.paysFee.isYes)
assert.ok(mortal.events.some((e) => api.events.balances.Transfer.is(e)))
await accepted(transfer(2000), alice, { era: 0 })
const tipped = await accepted(transfer(3000), alice, { era: 16, tip: 70, nonce: -1 })
assert.strictEqual(tipped.events.filter((e) => e.method === 'Transfer').length, 2)
const after = (await api.query.system.account(alice.address)).data.free.toBigInt()
assert.strictEqual(before - after, 6070n + 3n * info.partialFee.toBigInt())
await rejected(transfer('9000000000000000000'), alice, 'InsufficientBalance')
const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber()
assert.strictEqual(nonce, (await api.query.system.account(alice.address)).nonce.toNumber())
assert.strictEqual(nonce, (await api.call.accountNonceApi.accountNonce(alice.address)).toNumber())
const refusals = []
for (const options of [{ nonce: 0 }, { nonce: nonce + 1000 }, { nonce, era: 0, genesisHash: '0x' + '77'.repeat(32) }]) {
  await assert.rejects(transfer(1).signAndSend(alice, options), (e) => refusals.push(e.message) > 0)
}
// Three at once, by nonces of ours; the pool shows them until they are in a block.
const burst = await Promise.all([0, 1, 2].map((n) => transfer(5 + n).signAsync(alice, { nonce: nonce + n })))
const hashes = await Promise.all(burst.map((tx) => api.rpc.author.submitExtrinsic(tx)))
const pending = (await api.rpc.author.pendingExtrinsics()).map((tx) => tx.hash.toHex())
await waitFor('burst', async () => (await api.query.system.account(alice.address)).nonce.toNumber() >= nonce + 3)
report('balances', { partialFee: info.partialFee.toString(), weight: info.weight.toHuman(), refusals, burst: hashes.length, pending: pending.length })

// Users and offers.
for (const [n, who] of people.entries()) {
  await accepted(api.tx.datDot.newUser(signers[n].publicKey, blake2AsU8a('noise' + n)), who)
}
await rejected(api.tx.datDot.newUser(blake2AsU8a('x'), blake2AsU8a('y')), alice, 'UserExists')
const ALL_HOURS = 2n ** 56n - 1n
const always = { first: ALL_HOURS, second: ALL_HOURS, third: ALL_HOURS }
const form = { storageBytes: 2n ** 40n, pricePerGibHour: 1000000, capacity: 4, address: '127.0.0.1:4000', regions: ['EU'], fromMs: 0, untilMs: 0, hours: always, uploadBytesPerSecond: 0, downloadBytesPerSecond: 0 }
for (const who of people.slice(1)) await accepted(api.tx.datDot.registerForWork(form), who)
await rejected(api.tx.datDot.registerForWork({ ...form, fromMs: 9, untilMs: 3 }), bob, 'InvalidForm')

// A feed and a plan that hosts it.
const head = { fork: 0, length: 4, roots: [{ index: 3, size: 4000, hash: blake2AsU8a('root') }], signature: u8aToHex(new Uint8Array(64)) }
const feedDone = await accepted(api.tx.datDot.publishFeed(blake2AsU8a('feed'), '0x00', head), alice)
const feed = number(event(feedDone, 'FeedPublished').data.feed)
await rejected(api.tx.datDot.publishFeed(blake2AsU8a('feed'), '0x00', { ...head, length: 3 }), alice, 'InvalidTreeHead')
const until = Date.now() + 3600 * 1000 * 24
const part = (segment = {}) => ({
  segments: [{ feed, length: 4, start: 0, end: 4, ...segment }],
  follow: false,
  regions: [],
  hours: always,
  level: { latencyMs: 0, bytesPerSecond: 0, availabilityPermille: 0 }
})
const ends = { timeMs: until, trafficBytes: 0 }
const plan = (budget, segment) => api.tx.datDot.publishPlan([part(segment)], 1, 0, ends, budget, 0, ['127.0.0.1:4001'])
await rejected(plan(10_000_000, { feed: 999999 }), alice, 'UnknownFeed')
const planned = number(event(await accepted(plan(1_000_000_000), alice), 'NewPlan').data.plan)

// Whoever is drawn reports and proves.
const items = async (kind) => (await api.query.datDot.items.entries()).map(([, v]) => v.unwrap()).filter((i) => i.type === kind).map((i) => i.value)
const users = Object.fromEntries((await items('User')).map((u) => [u.id.toString(), people.findIndex((p) => u.account.eq(p.publicKey))]))
const amendment = await waitFor('amendment', async () => (await items('Amendment'))[0])
const attestor = people[users[amendment.attestor.toString()]]
const work = amendment.assignments[0]
const leaf = new Uint8Array(300).fill(42)
const root = blake2AsU8a(u8aConcat([0], leaf))
const sign = (user, context, bytes) => signers[users[user.toString()]].sign(u8aConcat(compactToU8a(context.length), new TextEncoder().encode(context), genesis, bytes))
const c = compactToU8a
const b = (n) => BigInt(n.toString())
const contract = b(amendment.contract)
const statement = { contract, amendment: b(amendment.id), position: work.position.toNumber(), encoder: b(work.encoder), root, leafCount: 1, encodedBytes: leaf.length, sealing: 0, sealingKey: '0x' }
const statementBytes = u8aConcat(c(contract), c(statement.amendment), [statement.position], c(statement.encoder), root, c(1), c(leaf.length), [0], c(0))
const receiptBytes = u8aConcat(c(contract), c(statement.amendment), [statement.position], c(b(work.hoster)), root)
const outcome = {
  Hosted: {
    position: statement.position,
    replica: { statement, signature: sign(work.encoder, 'datdot/v1/replica', statementBytes) },
    receipt: sign(work.hoster, 'datdot/v1/receipt', receiptBytes)
  }
}
await rejected(api.tx.datDot.amendmentReport(statement.amendment, [outcome]), alice, 'NotTheAttestor')
const hosted = await accepted(api.tx.datDot.amendmentReport(statement.amendment, [outcome]), attestor)
assert.ok(event(hosted, 'HosterActivated') && event(hosted, 'Paid'))
const challenge = await waitFor('challenge', async () => (await items('StorageChallenge')).find((s) => s.status.isOpen))
const hoster = people[users[challenge.hoster.toString()]]
const proofs = challenge.checks.map((check) => ({ leafIndex: b(check.leafIndex), leaf: u8aToHex(leaf), siblings: [] }))
await rejected(api.tx.datDot.submitStorageChallenge(b(challenge.id), proofs.map((p) => ({ ...p, leaf: '0x00' }))), hoster, 'InvalidProof')
const proved = await accepted(api.tx.datDot.submitStorageChallenge(b(challenge.id), proofs), hoster)
assert.ok(event(proved, 'StorageChallengeConfirmed'))

// From here on the hoster answers every challenge, so that it stays one.
const answered = new Set([challenge.id.toString()])
const stopAnswering = await api.rpc.chain.subscribeNewHeads(async () => {
  for (const open of (await items('StorageChallenge')).filter((s) => s.status.isOpen && !answered.has(s.id.toString()))) {
    answered.add(open.id.toString())
    const shown = open.checks.map((check) => ({ leafIndex: b(check.leafIndex), leaf: u8aToHex(leaf), siblings: [] }))
    await api.tx.datDot.submitStorageChallenge(b(open.id), shown).signAndSend(people[users[open.hoster.toString()]], { nonce: -1 })
  }
})

// An attestor that accuses, and an encoder that denies it.
const denied = number(event(await accepted(plan(1_000_000_000), alice), 'NewPlan').data.plan)
const accusing = await waitFor('second amendment', async () => {
  const own = (await items('Contract')).find((one) => b(one.plan) === denied)
  return own && (await items('Amendment')).find((one) => b(one.contract) === b(own.id) && one.status.isInProgress)
})
await waitFor('time to accuse', async () => (await api.rpc.chain.getHeader()).number.toBigInt() > b(accusing.encodedByBlock))
const accuser = people[users[accusing.attestor.toString()]]
const failed = { EncoderFailed: { position: accusing.assignments[0].position.toNumber() } }
const accused = event(await accepted(api.tx.datDot.amendmentReport(b(accusing.id), [failed]), accuser), 'Accused')
const accusation = number(accused.data.accusation)
await rejected(api.tx.datDot.contradictAccusation(accusation), alice, 'UnknownAccusation')
const disputed = await accepted(api.tx.datDot.contradictAccusation(accusation), people[users[number(accused.data.user).toString()]])
assert.ok(event(disputed, 'AccusationDisputed'))
await accepted(api.tx.datDot.cancelPlan(denied), alice)

// An attestor that commits to what it measured, and reveals it.
const measuring = await waitFor('performance challenge', async () => (await items('PerformanceChallenge'))[0])
const measurer = measuring.reports[0].attestor
const found = { reached: true, latencyMs: 12, bytesPerSecond: 3456 }
const salt = blake2AsU8a('salt')
const context = 'datdot/v1/measurement'
const foundBytes = u8aConcat([1], c(found.latencyMs), c(found.bytesPerSecond))
const committed = u8aConcat(c(context.length), new TextEncoder().encode(context), genesis, c(b(measuring.id)), c(b(measurer)), foundBytes, salt)
const submission = (what) => api.tx.datDot.submitPerformanceChallenge(b(measuring.id), what)
await accepted(submission({ Commit: { commitment: blake2AsU8a(committed) } }), people[users[measurer.toString()]])
await waitFor('time to reveal', async () => (await items('PerformanceChallenge')).find((one) => b(one.id) === b(measuring.id) && one.status.isRevealing))
await accepted(submission({ Reveal: { measurement: found, salt } }), people[users[measurer.toString()]])
await rejected(submission({ Reveal: { measurement: found, salt } }), people[users[measurer.toString()]], 'InvalidMeasurement')
stopAnswering()

// What a sponsor changes, and how a provider stops.
await accepted(api.tx.datDot.reportTraffic(contract, statement.position, 0), hoster)
await rejected(api.tx.datDot.reportTraffic(contract, statement.position, 1), alice, 'InvalidTraffic')
const update = (which) => api.tx.datDot.updatePlan(which, ends, 5_000_000, 0, ['127.0.0.1:4002'], [], [])
await accepted(update(planned), alice)
await rejected(update(999999), alice, 'UnknownPlan')
await rejected(api.tx.datDot.pausePlan(planned), bob, 'NotTheSponsor')
await accepted(api.tx.datDot.pausePlan(planned), alice)
await rejected(api.tx.datDot.resumePlan(planned), bob, 'NotTheSponsor')
await accepted(api.tx.datDot.resumePlan(planned), alice)
await rejected(api.tx.datDot.cancelPlan(planned), bob, 'NotTheSponsor')
await accepted(api.tx.datDot.cancelPlan(planned), alice)
const newest = (await api.rpc.chain.getHeader()).number.toNumber()
await rejected(api.tx.datDot.pauseWork(newest + 5), alice, 'NotAProvider')
await accepted(api.tx.datDot.pauseWork(newest + 20), bob)
await rejected(api.tx.datDot.resumeWork(), alice, 'NotAProvider')
await accepted(api.tx.datDot.resumeWork(), bob)
await rejected(api.tx.datDot.stopWork(), alice, 'NotAProvider')
await accepted(api.tx.datDot.stopWork(), bob)

// --- every call there is ---
const all = []
for (const pallet of api.runtimeMetadata.asLatest.pallets) {
  if (pallet.calls.isNone) continue
  const section = stringCamelCase(pallet.name.toString())
  for (const method of Object.keys(api.tx[section])) all.push(`${section}.${method}`)
}
report('extrinsics', { all: all.sort(), good: [...good].sort(), wrong })

// --- blocks ---
const best = await api.rpc.chain.getHeader()
assert.strictEqual((await api.rpc.chain.getBlockHash(best.number.unwrap())).toHex(), best.hash.toHex(), 'a header hashes to its block hash')
const at = await api.at(mortal.result.status.asFinalized)
const then = await at.query.system.events()
assert.ok(then.some((r) => r.event.method === 'Transfer'))
const block = await api.rpc.chain.getBlock(mortal.result.status.asFinalized)
assert.strictEqual(block.block.extrinsics[mortal.result.txIndex].hash.toHex(), mortal.result.txHash.toHex())
assert.strictEqual(block.block.extrinsics[mortal.result.txIndex].signer.toString(), alice.address)
assert.ok(block.block.extrinsics[mortal.result.txIndex].era.isMortalEra)
for (const [i, h] of heads.entries()) if (i > 0) assert.strictEqual(h.parentHash.toHex(), heads[i - 1].hash.toHex(), 'heads follow each other')
report('blocks', { heads: heads.length, finalized: finalized.length, events: [...new Set(eventsSeen)].sort(), balances: balances.length, lastBalance: balances.at(-1) })
report('storage at last', await readAll())

stops.forEach((stop) => stop())
report('end', { warnings })
await api.disconnect()
process.exit(0)
