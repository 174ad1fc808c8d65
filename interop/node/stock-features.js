'use strict'
// What stock hypercore and corestore say of a store on disk whose core "log" somebody has written:
//   node stock-features.js DIRECTORY describe  -> {"signable":hex,"treeHash":hex,"blockKey":hex,"remoteContiguousLength":n,"has":[b,b],"grown":n,"named":[hex],"refused":b}
//   node stock-features.js DIRECTORY mark      -> {"marked":n}       marks blocks 2, 4 and 10 to 12 of "log", by reading and by name
//   node stock-features.js DIRECTORY group     -> {"before":[hex],"after":[hex],"told":{"length":n,"fork":n}}   keys of the cores of the group of 32 bytes 9, newest first, before and after a block is appended to "log"
//   node stock-features.js DIRECTORY sweep     -> {"indexes":[n]}    drops what is not marked; what is left
const Corestore = require('corestore')
const Hypercore = require('hypercore')

async function main () {
  const [directory, action] = process.argv.slice(2)
  const store = new Corestore(directory, { allowBackup: true })
  const core = store.get({ name: 'log' })
  await core.ready()
  const answer = await actions[action](store, core)
  await store.close()
  console.log(JSON.stringify(answer))
}

const actions = {
  async describe (store, core) {
    const space = store.namespace('place')
    await space.ready()
    const named = []
    for await (const discoveryKey of store.list(space.ns)) named.push(discoveryKey.toString('hex'))
    const before = await core.append([Buffer.from('too'), Buffer.from('many')], { maxLength: core.length + 1 })
    let refused = false
    try {
      await core.append(Buffer.alloc(Hypercore.MAX_SUGGESTED_BLOCK_SIZE + 1))
    } catch (error) {
      refused = error.code === 'BAD_ARGUMENT'
    }
    return {
      signable: (await core.signable(13, 4)).toString('hex'),
      treeHash: (await core.treeHash(13)).toString('hex'),
      blockKey: Hypercore.blockEncryptionKey(core.key, Buffer.alloc(32, 7)).toString('hex'),
      remoteContiguousLength: core.remoteContiguousLength,
      has: [await core.has(0, 20), await core.has(0, 41)],
      grown: before.length,
      named,
      refused
    }
  },
  async mark (store, core) {
    await core.startMarking()
    await core.get(2)
    await core.get(4)
    await core.markBlock(10, 13)
    return { marked: 5 }
  },
  async group (store, core) {
    const topic = Buffer.alloc(32, 9)
    const handle = store.notifyGroup(topic)
    const updates = async () => {
      const keys = []
      for await (const key of handle.updates()) keys.push(key.toString('hex'))
      return keys
    }
    const before = await updates()
    await core.setGroup(topic)
    const told = new Promise((resolve) => handle.once('update', resolve))
    await core.append(Buffer.from('one more'))
    const { length, fork } = await told
    return { before, after: await updates(), told: { length, fork } }
  },
  async sweep (store, core) {
    await core.sweep()
    const indexes = []
    for (let i = 0; i < core.length; i++) if (await core.has(i)) indexes.push(i)
    return { indexes }
  }
}

main().catch((error) => { console.error(error); process.exit(1) })
