'use strict'
// A stock drive whose monitors are asked what they counted:
//   node drive-monitor.js DIRECTORY
// writes /other and /file (5 blocks) into its own drive, listens, prints {"key":hex,"port":n}, and answers lines on stdin:
//   uploads              -> {"file":stats,"blob":stats}     of /file, once 5 of its blocks were sent
//   read KEY PORT        -> {"file":stats,"sha256":hex}     reads /file of the drive with that key from a peer
const net = require('net')
const crypto = require('crypto')
const readline = require('readline')
const SecretStream = require('@hyperswarm/secret-stream')
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')

const BLOCK = 65536

function replicate (store, initiator, socket) {
  const stream = new SecretStream(initiator, socket)
  stream.on('error', () => {})
  store.replicate(stream)
  return stream
}

const stats = ({ blocks, totalBytes, percentage, targetBytes, targetBlocks, peers }) => ({ blocks, totalBytes, percentage, targetBytes, targetBlocks, peers })

async function counted (monitor, name) {
  while (monitor[name].blocks < 5) await new Promise((resolve) => monitor.once('update', resolve))
  return stats(monitor[name])
}

async function main () {
  const store = new Corestore(process.argv[2], { allowBackup: true })
  const drive = new Hyperdrive(store)
  await drive.put('/other', Buffer.alloc(3 * BLOCK, 1))
  await drive.put('/file', Buffer.alloc(4 * BLOCK + 100, 2))
  const file = drive.monitor('/file')
  await file.ready()
  const blobs = await drive.getBlobs()
  const blob = blobs.monitor((await drive.entry('/file')).value.blob)
  const server = net.createServer((socket) => replicate(store, false, socket))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  console.log(JSON.stringify({ key: drive.key.toString('hex'), port: server.address().port }))
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [command, key, port] = line.split(' ')
    if (command === 'uploads') {
      console.log(JSON.stringify({ file: await counted(file, 'uploadStats'), blob: await counted(blob, 'uploadStats') }))
    } else {
      const theirs = new Hyperdrive(store, Buffer.from(key, 'hex'))
      await theirs.ready()
      const done = theirs.findingPeers()
      await replicate(store, true, net.connect(Number(port), '127.0.0.1')).opened
      done()
      await theirs.update({ wait: true })
      const monitor = theirs.monitor('/file')
      await monitor.ready()
      const bytes = await theirs.get('/file')
      const sha256 = crypto.createHash('sha256').update(bytes).digest('hex')
      console.log(JSON.stringify({ file: await counted(monitor, 'downloadStats'), sha256 }))
    }
  }
  process.exit(0)
}

main().catch((error) => { console.error(error); process.exit(1) })
