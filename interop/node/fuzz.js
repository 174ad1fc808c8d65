'use strict'
// Decodes what FuzzTest.java makes up, with the stock decoders. One line in, {"type", "cases": [hex]}; one line out, a list with a text for each case: the
// decoded value written by the rules of FuzzTest's render methods, followed by the bytes the value is encoded as again, or null when the stock package
// refuses the bytes.
//   node fuzz.js
const readline = require('readline')
const c = require('compact-encoding')
const flat = require('flat-tree')
const messages = require('hypercore/messages')
const { wire } = messages
const bee = require('hyperbee/lib/messages')
const hyperdht = require('hyperdht/lib/messages')
const rpc = require('dht-rpc/lib/peer')
const blockMaps = require('hyperblobs/lib/block-map')
const schema = require('hypercore-storage/encoding/spec/hyperschema')
const { UINT, BUFFER } = require('index-encoder')
const Hyperdrive = require('hyperdrive')
const Noise = require('noise-handshake')
const curve = require('noise-curve-ed')
const { keyPair } = require('hypercore-crypto')

const hex = (b) => b === null || b === undefined ? '-' : Buffer.from(b).toString('hex')
const list = (items, render) => '[' + items.map(render).join(' ') + ']'
const fields = (...values) => '(' + values.map((v) => v === null || v === undefined ? '-' : v === true ? 1 : v === false ? 0 : v).join(' ') + ')'
const node = (n) => fields(n.index, n.size, hex(n.hash))
const nodes = (ns) => list(ns, node)
const signer = (s) => fields(hex(s.namespace), hex(s.publicKey))

function manifest (m) {
  if (m === null) return '-'
  const prologue = m.prologue && fields(hex(m.prologue.hash), m.prologue.length)
  return fields(m.version, m.allowPatch, m.quorum, list(m.signers, signer), prologue, m.linked && list(m.linked, hex), hex(m.userData))
}

const read = (encoding, bytes) => encoding.decode({ start: 0, end: bytes.length, buffer: bytes })
const plain = (encoding, render = String) => (bytes) => render(read(encoding, bytes))
const decoder = (encoding, render) => (bytes) => {
  const value = read(encoding, bytes)
  return render(value) + hex(c.encode(encoding, value))
}
const trees = require('./fuzz-trees')(fields, list, hex, nodes)

function flatTree (bytes) {
  let index = 0
  for (const b of bytes.subarray(0, 6)) index = index * 256 + b
  const children = flat.children(index)
  const roots = index % 2 === 0 ? flat.fullRoots(index) : null
  return fields(flat.depth(index), flat.offset(index), flat.parent(index), flat.sibling(index), flat.leftSpan(index), flat.rightSpan(index),
    flat.count(index), children && children[0], children && children[1], roots && list(roots, String))
}

// What hyperdrive and hyperblobs can use of an entry: anything else in it is of no consequence, or makes them fail later.
function driveEntry (bytes) {
  const entry = JSON.parse(bytes.toString('utf8'))
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) throw new Error('not an object')
  const { executable, linkname, blob } = entry
  const number = (n) => { if (!Number.isSafeInteger(n) || n < 0) throw new Error('not a number'); return n }
  if (blob && (blob.blockOffset + blob.blockLength >= 2 ** 53 || blob.byteOffset + blob.byteLength >= 2 ** 53)) throw new Error('ends nowhere')
  const id = blob === null || blob === undefined
    ? null
    : fields(number(blob.blockOffset), number(blob.byteOffset), number(blob.blockLength), number(blob.byteLength), blob.blockMap === true)
  return fields(executable === true, typeof linkname === 'string' ? hex(Buffer.from(linkname)) : null, id)
}

// Stock rounds block numbers that JavaScript cannot hold; no core is that long.
function exact (n) {
  if (!Number.isSafeInteger(n)) throw new Error('not exact')
  return String(n)
}

const udp = ({ host, port }) => host + ':' + port
const maybe = (value, render) => value === null || value === undefined ? null : render(value)
const peer = (p) => fields(hex(p.publicKey), list(p.relayAddresses, udp))
// Kinds of firewalls and ways of relaying that came later: the first count as the worst, the second are no message of ours.
const firewall = (code) => code <= 3 ? code : 3
const mode = (code) => { if (code > 4) throw new Error('no such mode'); return code }

// As dht-rpc lib/io.js reads requests and replies; what is not exported there is put together from its parts.
function dhtMessage (bytes) {
  if (bytes.length < 2 || (bytes[0] !== 0x03 && bytes[0] !== 0x13)) throw new Error('no message')
  const state = { start: 1, end: bytes.length, buffer: bytes }
  const flags = c.uint.decode(state)
  const head = [c.uint16.decode(state), udp(rpc.ipv4.decode(state)), hex(flags & 1 ? c.fixed32.decode(state) : null), hex(flags & 2 ? c.fixed32.decode(state) : null)]
  const rest = bytes[0] === 0x03
    ? [(flags & 4) !== 0, c.uint.decode(state), hex(flags & 8 ? c.fixed32.decode(state) : null)]
    : [list(flags & 4 ? rpc.ipv4Array.decode(state).slice(0, 20) : [], udp), flags & 8 ? c.uint.decode(state) : 0]
  return fields(...head, ...rest, hex(flags & 16 ? c.buffer.decode(state) : null))
}

// The records of a store; what stock reads but never writes, and ours refuses, is refused here.
function records () {
  const record = (name, render) => decoder(schema.getEncoding(name), render)
  const refuse = (when, what) => { if (when) throw new Error(what) }
  const alias = (a) => fields(hex(Buffer.from(a.name)), hex(a.namespace))
  return {
    storeHead (bytes) {
      refuse(bytes[0] === 0, 'version 0')
      // A store of version 1 without a core, which stock makes nothing of.
      const old = bytes[0] === 1 && read(schema.getEncoding('@corestore/head-v1'), bytes)
      const m = old && !old.allocated ? { ...old, version: 2, cores: 0, datas: 0, groups: 0 } : read(schema.getEncoding('@corestore/head'), bytes)
      return fields(m.cores, m.datas, m.groups, hex(m.seed), hex(m.defaultDiscoveryKey)) + hex(c.encode(schema.getEncoding('@corestore/head'), m))
    },
    storeCore: (bytes) => {
      const m = read(schema.getEncoding('@corestore/core'), bytes)
      refuse(m.version > 2, 'version')
      m.version = 2
      return fields(m.corePointer, m.dataPointer, m.alias && alias(m.alias)) + hex(c.encode(schema.getEncoding('@corestore/core'), m))
    },
    storeAuth: (bytes) => {
      const m = read(schema.getEncoding('@core/auth'), bytes)
      // Stock's store hands on what stock's hypercore refuses everywhere else; ours refuses it here as well.
      refuse(m.manifest && m.manifest.version > 3, 'manifest version')
      if (m.keyPair) {
        const { publicKey, secretKey } = m.keyPair
        if (!secretKey) m.keyPair = null
        else refuse(!publicKey || publicKey.length !== 32 || secretKey.length !== 64 || !secretKey.subarray(32).equals(publicKey), 'no key pair')
      }
      return fields(hex(m.key), hex(m.discoveryKey), manifest(m.manifest), m.keyPair && fields(hex(m.keyPair.publicKey), hex(m.keyPair.secretKey)),
        hex(m.encryptionKey)) + hex(c.encode(schema.getEncoding('@core/auth'), m))
    },
    storeTree: (bytes) => {
      const m = read(schema.getEncoding('@core/head'), bytes)
      m.timestamp = 0
      return fields(m.fork, m.length, hex(m.rootHash), m.signature === null ? '' : hex(m.signature)) + hex(c.encode(schema.getEncoding('@core/head'), m))
    },
    storeHints: record('@core/hints', (m) => fields(m.contiguousLength, m.remoteContiguousLength, m.recovering)),
    storeDependency: record('@core/dependency', (m) => fields(m.dataPointer, m.length)),
    storeSessions: record('@core/sessions', (all) => list(all, (m) => fields(hex(Buffer.from(m.name)), m.dataPointer)))
  }
}

const types = {
  uint: plain(c.uint),
  int: plain(c.int),
  uint16: plain(c.uint16),
  uint24: plain(c.uint24),
  uint32: plain(c.uint32),
  uint64: plain(c.uint64),
  biguint64: plain(c.biguint64),
  bool: plain(c.bool, (b) => fields(b)),
  buffer: plain(c.buffer, hex),
  optionalBuffer: plain(c.optionalBuffer, (b) => b === null ? 'none' : hex(b)),
  string: plain(c.string, (s) => hex(Buffer.from(s))),
  fixed32: plain(c.fixed32, hex),
  handshake: decoder(wire.handshake, (m) => fields(m.seeks, hex(m.capability))),
  sync: decoder(wire.sync, (m) => fields(m.fork, m.length, m.remoteLength, m.canUpgrade, m.uploading, m.downloading, m.hasManifest, m.allowPush)),
  request: decoder(wire.request, (m) => fields(m.id, m.fork, m.block && fields(m.block.index, m.block.nodes), m.hash && fields(m.hash.index, m.hash.nodes),
    m.seek && fields(m.seek.bytes, m.seek.padding), m.upgrade && fields(m.upgrade.start, m.upgrade.length), m.manifest, m.priority)),
  cancel: decoder(wire.cancel, (m) => fields(m.request)),
  data: decoder(wire.data, (m) => fields(m.request, m.fork, m.block && fields(m.block.index, hex(m.block.value), nodes(m.block.nodes)),
    m.hash && fields(m.hash.index, nodes(m.hash.nodes)), m.seek && fields(m.seek.bytes, nodes(m.seek.nodes)),
    m.upgrade && fields(m.upgrade.start, m.upgrade.length, nodes(m.upgrade.nodes), nodes(m.upgrade.additionalNodes), hex(m.upgrade.signature)),
    manifest(m.manifest))),
  noData: decoder(wire.noData, (m) => fields(m.request, m.reason)),
  want: decoder(wire.want, (m) => fields(m.start, m.length, m.any)),
  unwant: decoder(wire.unwant, (m) => fields(m.start, m.length, m.any)),
  bitfield: decoder(wire.bitfield, (m) => fields(m.start, list([...m.bitfield], String))),
  range: decoder(wire.range, (m) => fields(m.drop, m.start, m.length)),
  extension: decoder(wire.extension, (m) => fields(hex(Buffer.from(m.name)), hex(m.message))),
  manifest: decoder(messages.manifest, manifest),
  multisig: decoder(messages.multiSignature, (m) => fields(list(m.proofs, (p) => fields(p.signer, hex(p.signature), p.patch)), nodes(m.patch))),
  ...records(),
  flatTree,
  ...trees,
  indexUint: plain(UINT, (n) => n === Infinity ? String(2n ** 63n - 1n) : exact(n)),
  indexString: plain(BUFFER, hex),
  noise (bytes) {
    const noise = new Noise('IK', false, keyPair(Buffer.alloc(32, 1)), { curve })
    noise.initialise(Buffer.alloc(0))
    return fields(hex(noise.recv(bytes)), hex(noise.rs))
  },
  beeNode (bytes) {
    const { key, value, index } = bee.Node.decode(bytes)
    const { levels } = bee.YoloIndex.decode(index)
    return fields(hex(key), hex(value), list(levels, (l) => fields(list(l.keys, exact), list(l.children, exact)))) +
      hex(bee.Node.encode({ key, value, index: bee.YoloIndex.encode({ levels }) }))
  },
  beeHeader (bytes) {
    const header = bee.Header.decode(bytes)
    const { protocol, metadata } = header
    if (protocol !== 'hyperbee') throw new Error('another protocol')
    return fields(hex(Buffer.from(protocol)), metadata && fields(hex(metadata.contentFeed), hex(metadata.userData))) + hex(bee.Header.encode(header))
  },
  beeHint (bytes) {
    const { cache, get, iterator } = bee.Extension.decode(bytes)
    if (!cache + !get + !iterator !== 2) throw new Error('not one hint')
    if (cache) return fields('blocks', list(cache.blocks, exact))
    if (get) return fields('get', exact(get.version), hex(get.key || Buffer.alloc(0)))
    if (iterator.checkpoint.length > 96) throw new Error('too deep')
    return fields('walk', exact(iterator.version), iterator.reverse, list(iterator.checkpoint, exact))
  },
  blockMap (bytes) {
    const map = blockMaps.decode([bytes])
    if (map.blocks.some((b) => b.byteLength >= 2 ** 31)) throw new Error('no block is that long')
    return list(map.blocks, (b) => fields(b.index, b.byteLength)) + list(blockMaps.encode(map), hex)
  },
  driveEntry,
  drivePath: (bytes) => hex(Buffer.from(Hyperdrive.normalizePath(bytes.toString()))),
  dhtMessage,
  dhtHandshake: plain(hyperdht.handshake, (m) => fields(mode(m.mode), hex(m.noise), maybe(m.peerAddress, udp), maybe(m.relayAddress, udp))),
  dhtHolepunch: plain(hyperdht.holepunch, (m) => fields(mode(m.mode), m.id, hex(m.payload), maybe(m.peerAddress, udp))),
  dhtHolepunchPayload: plain(hyperdht.holepunchPayload, (m) => fields(m.error, firewall(m.firewall), m.round, m.connected, m.punching,
    maybe(m.addresses, (a) => list(a, udp)), maybe(m.remoteAddress, udp), hex(m.token), hex(m.remoteToken))),
  dhtNoisePayload: plain(hyperdht.noisePayload, (m) => fields(m.version, m.error, firewall(m.firewall),
    maybe(m.holepunch, (h) => fields(h.id, list(h.relays, (r) => fields(udp(r.relayAddress), udp(r.peerAddress))))), list(m.addresses4, udp),
    maybe(m.udx, (u) => fields(u.reusableSocket, u.id, u.seq)), m.secretStream !== null,
    maybe(m.relayThrough, (r) => fields(hex(r.publicKey), hex(r.token))), list(m.relayAddresses || [], udp))),
  dhtPeer: plain(hyperdht.peer, peer),
  dhtLookupReply: plain(hyperdht.lookupRawReply, (m) => fields(list(m.peers, peer), m.bump)),
  dhtAnnounce: plain(hyperdht.announce, (m) => fields(maybe(m.peer, peer), hex(m.refresh), hex(m.signature), m.bump)),
  dhtMutable: plain(hyperdht.mutableGetResponse, (m) => fields(m.seq, hex(m.value), hex(m.signature)))
}

async function answer (type, bytes) {
  try {
    return await types[type](bytes)
  } catch {
    return null
  }
}

async function main () {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { type, cases } = JSON.parse(line)
    const answers = []
    for (const text of cases) answers.push(await answer(type, Buffer.from(text, 'hex')))
    process.stdout.write(JSON.stringify(answers) + '\n')
  }
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1) })
