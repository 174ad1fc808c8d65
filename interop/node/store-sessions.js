// Opens a store with the stock packages and prints the core named "log" as its sessions see it:
//   node store-sessions.js <directory> read|write <hex secret or ->
// With "write" the session "draft" grows by three blocks, a session "theirs" is committed, "mark" is set as user data and,
// when there is a secret, two blocks are appended to the core named "secret", which is encrypted with it.
const Corestore = require('corestore')

async function texts(core) {
  const all = []
  for (let i = 0; i < core.length; i++) all.push((await core.get(i, { wait: false })).toString())
  return all
}

async function main() {
  const [dir, what, secret] = process.argv.slice(2)
  const store = new Corestore(dir)
  const core = store.get({ name: 'log' })
  await core.ready()
  const draft = core.session({ name: 'draft' })
  await draft.ready()
  const encryption = secret === '-' ? null : { key: Buffer.from(secret, 'hex') }
  const hidden = encryption && store.get({ name: 'secret', encryption })
  if (hidden) await hidden.ready()
  if (what === 'write') {
    await draft.append([Buffer.from('node draft 1'), Buffer.from('node draft 2'), Buffer.from('node draft 3')])
    const theirs = core.session({ name: 'theirs' })
    await theirs.ready()
    await theirs.append([Buffer.from('committed by node')])
    if ((await core.commit(theirs)) === null) throw new Error('not committed')
    await theirs.close()
    await core.setUserData('mark', Buffer.from('node was here'))
    if (hidden) await hidden.append([Buffer.from('whispered'), Buffer.from('by node')])
  }
  const mark = await core.getUserData('mark')
  const seek = hidden && hidden.byteLength > 3 ? await hidden.seek(hidden.byteLength - 3) : null
  console.log(
    JSON.stringify({
      core: await texts(core),
      draft: await texts(draft),
      mark: mark && mark.toString(),
      hidden: hidden && (await texts(hidden)),
      hiddenBytes: hidden && hidden.byteLength,
      seek
    })
  )
  await store.close()
}

main()
