'use strict'
// What drive-write.js and drive-read.js share: everything a reader sees of a drive, in one object.
const crypto = require('crypto')

exports.describe = async function (drive) {
  const entries = []
  for await (const entry of drive.list('/')) {
    const { executable, linkname, blob, metadata } = entry.value
    const described = { path: entry.key, seq: entry.seq, executable, linkname, metadata, byteLength: null, sha256: null }
    if (blob) {
      const content = await drive.get(entry.key)
      described.byteLength = content.byteLength
      described.sha256 = crypto.createHash('sha256').update(content).digest('hex')
    }
    entries.push(described)
  }
  const blobs = await drive.getBlobs()
  const names = []
  for await (const name of drive.readdir('/')) names.push(name)
  return {
    key: drive.key.toString('hex'),
    blobsKey: blobs ? blobs.core.key.toString('hex') : null,
    version: drive.version,
    blobsLength: blobs ? blobs.core.length : 0,
    readdir: names,
    entries
  }
}

// The content of a test file, made of its name and length.
exports.content = function (name, length) {
  const content = Buffer.alloc(length)
  let x = length
  for (const c of Buffer.from(name)) x = (Math.imul(x, 31) + c) >>> 0
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    content[i] = x >>> 24
  }
  return content
}
