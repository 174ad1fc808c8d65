'use strict'
// Shared by the stock side of the benchmarks: options, a payload no compressor can shrink, a folder of its own, one JSON line out.
const fs = require('fs')
const os = require('os')
const path = require('path')

exports.options = function (defaults) {
  const options = { ...defaults }
  for (const argument of process.argv.slice(2)) {
    const [name, value] = argument.replace(/^--/, '').split('=')
    if (!(name in defaults)) throw new Error('unknown option ' + argument)
    options[name] = typeof defaults[name] === 'number' ? Number(value) : value
  }
  return options
}

exports.folder = function () {
  const folder = fs.mkdtempSync(path.join(process.env.BENCH_TMP || os.tmpdir(), 'bench-'))
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return folder
}

// Block i of a benchmark's core: xorshift noise with the index in front, the same bytes the Java side makes.
exports.block = function (index, size) {
  const block = Buffer.allocUnsafe(size)
  let x = 1
  for (let i = 0; i + 4 <= size; i += 4) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    block.writeInt32LE(x | 0, i)
  }
  block.fill(0, size - (size % 4))
  if (size >= 4) block.writeUInt32LE(index, 0)
  return block
}

// The i-th of count numbers in an order that looks like chance and holds each of them once.
exports.shuffled = (i, count) => (i * 7919 + 31) % count

exports.measure = async function (work) {
  const cpu = process.cpuUsage()
  const began = process.hrtime.bigint()
  await work()
  const ms = Number(process.hrtime.bigint() - began) / 1e6
  const used = process.cpuUsage(cpu)
  return { ms, cpuMs: (used.user + used.system) / 1000 }
}

// What this process takes, after a collection (node --expose-gc).
exports.memory = function () {
  for (let i = 0; i < 3; i++) global.gc()
  const used = process.memoryUsage()
  const pages = Number(fs.readFileSync('/proc/self/statm', 'utf8').split(' ')[1])
  return { rss: pages * 4096, live: used.heapUsed + used.external }
}

exports.print = (result) => process.stdout.write(JSON.stringify(result) + '\n')
