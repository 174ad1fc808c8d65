'use strict'
// The part of fuzz.js about Merkle trees: proofs, their verification, signatures. The trees are those of FuzzTrees.java: block j of a tree has j * 7 % 23
// bytes, each of them j.
const c = require('compact-encoding')
const flat = require('flat-tree')
const { wire } = require('hypercore/messages')
const messages = require('hypercore/messages')
const { MerkleTree, MerkleTreeBatch } = require('hypercore/lib/merkle-tree')
const Verifier = require('hypercore/lib/verifier')

const trees = new Map()

function storage (nodes, known) {
  return { read: () => ({ getTreeNode: async (index) => known(index) && nodes.get(index) || null, tryFlush () {} }) }
}

function session (length, fork, roots, nodes, known) {
  const byteLength = roots.reduce((sum, root) => sum + root.size, 0)
  return { fork, roots, length, byteLength, signature: null, prologue: null, storage: storage(nodes, known), core: {} }
}

// All nodes and the roots of the tree of a length.
function tree (length) {
  if (!trees.has(length)) {
    const batch = new MerkleTreeBatch(session(0, 0, [], new Map(), () => true))
    for (let j = 0; j < length; j++) batch.append(Buffer.alloc(j * 7 % 23, j))
    trees.set(length, { nodes: new Map(batch.nodes.map((n) => [n.index, n])), roots: batch.roots })
  }
  return trees.get(length)
}

// Which nodes of the tree are stored: all of them for a mask of 0, roots always.
function open (length, mask, fork = 0) {
  if (length === 0) throw new Error('no tree')
  const { nodes, roots } = tree(length)
  const isRoot = new Set(roots.map((root) => root.index))
  return session(length, fork, [...roots], nodes, (index) => mask === 0 || isRoot.has(index) || (index * 7 + 3) % (mask % 8 + 2) === 0)
}

function safe (n) {
  if (!Number.isSafeInteger(n)) throw new Error('more than numbers can hold')
  return n
}

module.exports = function (fields, list, hex, nodes) {
  async function proof (bytes) {
    const state = { start: 2, end: bytes.length, buffer: bytes }
    const at = open(bytes[0], bytes[1])
    const { block, hash, seek, upgrade } = wire.request.decode(state)
    // What no stock reader asks for, and ours refuses to answer.
    if (block && hash) throw new Error('out of bounds')
    const node = block ? 2 * block.index : hash ? hash.index : -1
    // No core has the block; what stock answers then is never sent.
    if (node >= 0 && flat.rightSpan(node) >= 2 * at.length) throw new Error('beyond the end')
    // Stock's byte offsets of all but the first tree are NaN when a block is asked for beside a seek.
    if (seek && node > flat.rightSpan(at.roots[0].index)) throw new Error('NaN')
    const p = await (await MerkleTree.proof(at, at.storage.read(), { block, hash, seek, upgrade })).settle()
    return fields(p.block && fields(p.block.index, nodes(p.block.nodes)), p.hash && fields(p.hash.index, nodes(p.hash.nodes)),
      p.seek && fields(p.seek.bytes, nodes(p.seek.nodes)),
      p.upgrade && fields(p.upgrade.start, p.upgrade.length, nodes(p.upgrade.nodes), nodes(p.upgrade.additionalNodes)))
  }

  async function verify (bytes) {
    const state = { start: 2, end: bytes.length, buffer: bytes }
    const at = open(bytes[0], bytes[1])
    const data = wire.data.decode(state)
    // What hypercore's core.verify and replicator look at before: another fork, an upgrade from elsewhere.
    if (data.fork !== 0 || (data.upgrade && data.upgrade.start !== at.length)) throw new Error('stale')
    const batch = await MerkleTree.verify(at, data)
    if (data.upgrade && !batch.upgraded) throw new Error('no upgrade')
    for (const n of batch.nodes) safe(n.size)
    // The sizes of nodes that are stored already: stock compares hashes alone, and a hash that is sent by itself does not vouch for its size.
    for (const n of batch.nodes) {
      const stored = await at.storage.read().getTreeNode(n.index)
      if (stored && n.hash.equals(stored.hash) && n.size !== stored.size) throw new Error('another size')
    }
    return fields(batch.length, safe(batch.byteLength), hex(batch.hash()), nodes(batch.nodes))
  }

  function signature (bytes) {
    const state = { start: 3, end: bytes.length, buffer: bytes }
    const at = open(bytes[0], 0, bytes[1])
    const manifest = c.decode(messages.manifest, c.buffer.decode(state) || Buffer.alloc(0))
    const key = bytes[2] === 1 && manifest.signers.length === 1 ? manifest.signers[0].publicKey : Verifier.manifestHash(manifest)
    const batch = new MerkleTreeBatch(at)
    if (!new Verifier(key, manifest).verify(batch, c.raw.decode(state))) throw new Error('not signed')
    return 'signed'
  }

  // The moves of flat-tree's iterator, one byte each, from an index.
  function iterator (bytes) {
    let index = 0
    for (const b of bytes.subarray(0, 5)) index = index * 256 + b
    const ite = flat.iterator(index)
    const seen = []
    for (const b of bytes.subarray(5, 25)) {
      if (ite.index + ite.factor > 2 ** 45) break
      switch (b % 6) {
        case 0: ite.sibling(); break
        case 1: ite.parent(); break
        case 2: ite.leftChild(); break
        case 3: ite.nextTree(); break
        case 4: seen.push(ite.contains(b * 1000) ? 1 : 0); break
        default: ite.seek(ite.index + b)
      }
      seen.push(ite.index, ite.factor / 2, ite.peekLeftSpan(), ite.peekRightSpan())
    }
    return list(seen, String)
  }

  return { proof, verify, signature, iterator }
}
