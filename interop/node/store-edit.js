// Changes the core named "log" of a store with the stock packages and prints what is stored, as store-read.js does:
//   node store-edit.js <directory> append=3 truncate=5 truncate=2,9 clear=1,4 ...
// truncate takes a length and maybe a fork number, clear the first block and one behind the last.
const Corestore = require('corestore')
const { describe, block } = require('./store-common.js')

async function main() {
  const store = new Corestore(process.argv[2])
  const core = store.get({ name: 'log' })
  await core.ready()
  for (const step of process.argv.slice(3)) {
    const [what, list] = step.split('=')
    const args = list.split(',').map(Number)
    if (what === 'append') {
      const batch = []
      for (let i = 0; i < args[0]; i++) batch.push(block(core.length + i + 1000 * core.fork))
      await core.append(batch)
    } else if (what === 'truncate') {
      await core.truncate(args[0], args.length > 1 ? { fork: args[1] } : {})
    } else if (what === 'clear') {
      await core.clear(args[0], args[1])
    } else {
      throw new Error('unknown step ' + step)
    }
  }
  console.log(JSON.stringify(await describe(store)))
  await store.close()
}

main()
