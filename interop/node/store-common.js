// What store-write.js and store-read.js share. Block i of a test core is made of its index alone.
const nodeCrypto = require('crypto')

exports.block = function (i) {
  const size = i % 9 === 5 ? 65536 : i % 5 === 3 ? 4096 + i : (i * 37) % 301
  const b = Buffer.alloc(size)
  for (let j = 0; j < size; j++) b[j] = (i + j * 31) & 255
  return b
}

exports.describe = async function (store) {
  const cores = []
  for await (const discoveryKey of store.list()) {
    const core = store.get({ discoveryKey })
    await core.ready()
    const digest = nodeCrypto.createHash('sha256')
    let held = 0
    for (let i = 0; i < core.length; i++) {
      if (!(await core.has(i))) continue
      held++
      digest.update(await core.get(i, { wait: false }))
    }
    const report = await core.core.audit()
    cores.push({
      key: core.key.toString('hex'),
      discoveryKey: discoveryKey.toString('hex'),
      length: core.length,
      byteLength: core.byteLength,
      contiguousLength: core.contiguousLength,
      treeHash: core.core.state.hash().toString('hex'),
      writable: core.writable,
      held,
      digest: digest.digest('hex'),
      audit: report
    })
    await core.close()
  }
  cores.sort((a, b) => (a.key < b.key ? -1 : 1))
  return cores
}
