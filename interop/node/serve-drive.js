'use strict'
// A stock publisher: makes a hyperdrive of a folder and serves it over secret-stream on TCP until its standard input ends.
//   node serve-drive.js FOLDER [PORT] [STORE]
// The first line out is {"key","port","files","bytes"}.
const net = require('net')
const fs = require('fs')
const os = require('os')
const path = require('path')
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const Localdrive = require('localdrive')
const SecretStream = require('@hyperswarm/secret-stream')
const id = require('hypercore-id-encoding')

async function main () {
  const [folder, port = '0', at] = process.argv.slice(2)
  if (!folder) throw new Error('usage: node serve-drive.js FOLDER [PORT] [STORE]')
  const storage = at || fs.mkdtempSync(path.join(os.tmpdir(), 'serve-drive-'))
  if (!at) process.on('exit', () => fs.rmSync(storage, { recursive: true, force: true }))
  const store = new Corestore(storage)
  const drive = new Hyperdrive(store)
  await drive.ready()
  const mirror = new Localdrive(folder).mirror(drive)
  await mirror.done()
  let files = 0
  let bytes = 0
  for await (const entry of drive.list('/')) {
    files++
    if (entry.value.blob) bytes += entry.value.blob.byteLength
  }
  const server = net.createServer((socket) => {
    socket.setNoDelay(true)
    const stream = new SecretStream(false, socket)
    stream.on('error', (error) => console.error('connection: ' + error.message))
    store.replicate(stream)
  })
  server.listen(Number(port), '127.0.0.1', () => {
    console.log(JSON.stringify({ key: id.encode(drive.key), port: server.address().port, files, bytes }))
  })
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}
main().catch((error) => { console.error(error); process.exit(1) })
