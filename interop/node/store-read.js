// Opens a store with the stock packages and prints every core in it with a digest of its blocks:
//   node store-read.js <directory>
const Corestore = require('corestore')
const { describe } = require('./store-common.js')

async function main() {
  const store = new Corestore(process.argv[2])
  await store.ready()
  console.log(JSON.stringify(await describe(store)))
  await store.close()
}

main()
