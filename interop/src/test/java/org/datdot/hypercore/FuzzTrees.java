package org.datdot.hypercore;

import static org.datdot.interop.Rendering.fields;
import static org.datdot.interop.Rendering.hex;
import static org.datdot.interop.Rendering.list;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.FlatTree;

/**
 * The part of interop's FuzzTest about Merkle trees: requests and the proofs that answer them, the verification of proofs, signatures of one and of
 * several. Makes cases up and answers them as this package does; the twin is interop/node/fuzz-trees.js. A tree is known by its length: its block j
 * has {@code j * 7 % 23} bytes, each of them j.
 */
public final class FuzzTrees {
    private static final byte[] VALUE = {};
    private static final long MAX = (1L << 53) - 1;

    private static final Map<Integer, Tree> TREES = new HashMap<>();

    private FuzzTrees() {}

    private record Tree(Map<Long, TreeNode> nodes, List<TreeNode> roots) {
        TreeHead head(long length, long fork) {
            return new TreeHead(fork, length, roots, new byte[0]);
        }

        /** The nodes that are stored: all of them for a mask of 0, roots always. */
        NodeSource stored(int mask) {
            Set<Long> always = new HashSet<>();
            for (TreeNode root : roots) always.add(root.index());
            return index -> mask == 0 || always.contains(index) || (index * 7 + 3) % (mask % 8 + 2) == 0
                    ? nodes.get(index)
                    : null;
        }
    }

    private static byte[] block(long index) {
        byte[] block = new byte[(int) (index * 7 % 23)];
        Arrays.fill(block, (byte) index);
        return block;
    }

    private static Tree tree(int length) {
        return TREES.computeIfAbsent(length, blocks -> {
            MerkleTreeBatch batch = new MerkleTreeBatch(TreeHead.empty());
            for (long j = 0; j < blocks; j++) batch.append(MerkleHash.leaf(block(j)), block(j).length);
            Map<Long, TreeNode> nodes = new HashMap<>();
            for (TreeNode node : batch.nodes()) nodes.put(node.index(), node);
            return new Tree(nodes, batch.roots());
        });
    }

    private static Tree treeOf(byte[] bytes, int header) {
        if (bytes.length < header || bytes[0] == 0) throw new DecodingException("no tree");
        return tree(bytes[0] & 0xff);
    }

    private static ProofRequest request(Random random, long have, long length) {
        ProofRequest.BlockRequest block = null;
        ProofRequest.HashRequest hash = null;
        ProofRequest.SeekRequest seek = null;
        ProofRequest.UpgradeRequest upgrade = null;
        boolean grows = have < length && random.nextInt(3) > 0;
        if (grows) upgrade = new ProofRequest.UpgradeRequest(have, 1 + random.nextLong(length - have));
        long reach = grows ? length : Math.max(1, have);
        long nodes = random.nextInt(3) == 0 ? random.nextInt(9) : 0;
        switch (random.nextInt(4)) {
            case 0 -> block = new ProofRequest.BlockRequest(random.nextLong(reach), nodes);
            case 1 -> hash = new ProofRequest.HashRequest(random.nextLong(2 * reach), nodes);
            default -> {}
        }
        if (random.nextInt(3) == 0) {
            seek = new ProofRequest.SeekRequest(random.nextLong(reach * 14 + 2), random.nextInt(6) == 0 ? 8 : 0);
        }
        return new ProofRequest(block, hash, seek, upgrade, false);
    }

    private static byte[] join(int first, int second, byte[] rest) {
        return new CompactEncoder()
                .raw(new byte[] {(byte) first, (byte) second})
                .raw(rest)
                .toBytes();
    }

    /** A length, a mask of stored nodes, and a request. */
    public static byte[] proofCase(Random random) {
        int length = 1 + random.nextInt(80);
        int mask = random.nextInt(3) == 0 ? random.nextInt(40) : 0;
        ProofRequest request = request(random, random.nextInt(length + 1), length);
        return join(length, mask, ReplicationCodec.encode(new ReplicationMessage.Request(1, 0, request, 0)));
    }

    /** What stock and this package answer to such a request. */
    public static String proof(byte[] bytes) {
        Tree tree = treeOf(bytes, 2);
        ReplicationMessage.Request request =
                (ReplicationMessage.Request) ReplicationCodec.decode(1, new CompactDecoder(bytes, 2, bytes.length));
        if (request == null) throw new DecodingException("no request");
        // Stock's byte offsets of all but the first tree are NaN when a block is asked for beside a seek.
        ProofRequest asked = request.proof();
        ProofRequest.BlockRequest wanted = asked.block();
        ProofRequest.HashRequest parent = asked.hash();
        long node = wanted != null ? 2 * wanted.index() : parent != null ? parent.index() : -1;
        if (asked.seek() != null
                && node > FlatTree.rightSpan(tree.roots().getFirst().index())) {
            throw new DecodingException("NaN");
        }
        try {
            Proof proof = TreeProof.create(
                    tree.head(bytes[0] & 0xff, 0), tree.stored(bytes[1] & 0xff), request.proof(), null, VALUE);
            Proof.DataBlock block = proof.block();
            Proof.DataHash hash = proof.hash();
            Proof.DataSeek seek = proof.seek();
            Proof.DataUpgrade upgrade = proof.upgrade();
            return fields(
                    block == null ? null : fields(block.index(), nodes(block.nodes())),
                    hash == null ? null : fields(hash.index(), nodes(hash.nodes())),
                    seek == null ? null : fields(seek.bytes(), nodes(seek.nodes())),
                    upgrade == null
                            ? null
                            : fields(
                                    upgrade.start(),
                                    upgrade.length(),
                                    nodes(upgrade.nodes()),
                                    nodes(upgrade.additionalNodes())));
        } catch (InvalidRequestException | MissingNodeException e) {
            throw new DecodingException(String.valueOf(e.getMessage()));
        }
    }

    private static String nodes(List<TreeNode> nodes) {
        return list(
                nodes, node -> fields(node.index(), node.size(), hex(node.hash().bytes())));
    }

    /** The length of a reader's tree, a mask of the nodes it stores, and an honest answer to a request of it. */
    public static byte[] verifyCase(Random random) {
        int length = 1 + random.nextInt(80);
        Tree tree = tree(length);
        while (true) {
            int have = 1 + random.nextInt(length);
            ProofRequest request = request(random, have, length);
            ProofRequest.BlockRequest block = request.block();
            Proof proof;
            try {
                proof = TreeProof.create(
                        tree.head(length, 0),
                        tree.stored(0),
                        request,
                        null,
                        block == null ? null : block(block.index()));
            } catch (InvalidRequestException e) {
                continue; // not every request makes sense
            }
            int mask = random.nextInt(3) > 0 ? 0 : random.nextInt(40);
            return join(have, mask, ReplicationCodec.encode(new ReplicationMessage.Data(1, proof)));
        }
    }

    /** Where such a proof leads, but for the signature; the steps a core takes with a proof. */
    public static String verify(byte[] bytes) {
        Tree tree = treeOf(bytes, 2);
        ReplicationMessage.Data data =
                (ReplicationMessage.Data) ReplicationCodec.decode(3, new CompactDecoder(bytes, 2, bytes.length));
        if (data == null) throw new DecodingException("no data");
        Proof proof = data.proof();
        long length = bytes[0] & 0xff;
        NodeSource stored = tree.stored(bytes[1] & 0xff);
        Proof.DataUpgrade upgrade = proof.upgrade();
        if (proof.fork() != 0 || (upgrade != null && upgrade.start() != length)) throw new DecodingException("stale");
        try {
            PreparedProof prepared = PreparedProof.of(proof);
            MerkleTreeBatch batch = new MerkleTreeBatch(tree.head(length, 0));
            batch.add(prepared.nodes());
            TreeNode unverified = prepared.root();
            if (upgrade != null) {
                if (batch.verifyUpgrade(proof.fork(), upgrade, unverified, null)) unverified = null;
                if (!batch.upgraded()) throw new DecodingException("no upgrade");
            }
            if (unverified != null && !unverified.equals(stored.node(unverified.index()))) {
                throw new DecodingException("another hash");
            }
            for (TreeNode node : batch.nodes()) {
                if (node.size() > MAX) throw new DecodingException("more than numbers can hold");
                TreeNode known = stored.node(node.index());
                if (known != null && known.hash().equals(node.hash()) && known.size() != node.size()) {
                    throw new DecodingException("another size");
                }
            }
            TreeHead head = batch.head(new byte[0]);
            if (head.byteLength() > MAX) throw new DecodingException("more than numbers can hold");
            return fields(head.length(), head.byteLength(), hex(head.treeHash().bytes()), nodes(batch.nodes()));
        } catch (InvalidProofException e) {
            throw new DecodingException(String.valueOf(e.getMessage()));
        }
    }

    private static KeyPair signer(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        return KeyPair.fromSeed(seed);
    }

    /** A length, a fork, whether the key is the signer's own, a manifest, and a signature of some of its signers. */
    public static byte[] signatureCase(Random random) {
        int length = 1 + random.nextInt(40);
        int fork = random.nextInt(3);
        int count = random.nextInt(5);
        boolean compat = count == 1 && random.nextInt(3) == 0;
        boolean patches = random.nextBoolean();
        int version = random.nextInt(3);
        List<Manifest.Signer> signers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            signers.add(
                    new Manifest.Signer(Manifest.DEFAULT_NAMESPACE, signer(i).publicKey()));
        }
        Manifest.Prologue prologue = null;
        if (version > 0 && random.nextInt(4) == 0) {
            int fixed = 1 + random.nextInt(40);
            prologue = new Manifest.Prologue(MerkleHash.tree(tree(fixed).roots()), fixed);
            if (random.nextBoolean()) length = fixed;
        }
        @SuppressWarnings("NullAway") // null is allowed; the class file of a record loses @Nullable on arrays
        Manifest manifest = new Manifest(version, patches, random.nextInt(count + 1), signers, prologue, null, null);
        CoreKey key = compat ? new CoreKey(signer(0).publicKey().bytes()) : manifest.coreKey();
        byte[] signature =
                count == 0 ? new byte[0] : sign(random, new Verifier(key, manifest), manifest, length, fork, compat);
        byte[] encoded = manifest.encode();
        return new CompactEncoder()
                .raw(new byte[] {(byte) length, (byte) fork, (byte) (compat ? 1 : 0)})
                .buffer(encoded)
                .raw(signature)
                .toBytes();
    }

    private static byte[] sign(
            Random random, Verifier verifier, Manifest manifest, int length, int fork, boolean compat) {
        List<MultiSignature.PartialSignature> parts = new ArrayList<>();
        Map<Long, TreeNode> patch = new HashMap<>();
        List<List<TreeNode>> paths = new ArrayList<>();
        int count = manifest.signers().size();
        int quorum = Math.min(count, (int) manifest.quorum() + random.nextInt(2));
        int first = random.nextInt(count);
        for (int i = 0; i < quorum; i++) {
            int number = (first + i) % count;
            int beyond = manifest.allowPatch() && !compat && random.nextBoolean() ? random.nextInt(20) : 0;
            Tree signed = tree(length + beyond);
            TreeHash treeHash = MerkleHash.tree(signed.roots());
            byte[] signature = verifier.share(fork, length + beyond, treeHash, signer(number))
                    .signature();
            List<TreeNode> path = beyond == 0
                    ? List.of()
                    : TreeProof.upgradeNodes(signed.stored(0), 2L * length, 2L * (length + beyond));
            for (TreeNode node : path) patch.put(node.index(), node);
            paths.add(path);
            parts.add(new MultiSignature.PartialSignature(number, signature, beyond));
        }
        boolean single = compat || (manifest.version() == 0 && !manifest.allowPatch() && count == 1);
        if (single && !parts.isEmpty()) return parts.getFirst().signature();
        if (manifest.version() > 0) return new MultiSignature(parts, List.copyOf(patch.values())).encode();
        return version0(length, parts, List.copyOf(patch.values()), paths);
    }

    /** The older layout, in which each share names its nodes. */
    private static byte[] version0(
            long length,
            List<MultiSignature.PartialSignature> parts,
            List<TreeNode> patch,
            List<List<TreeNode>> paths) {
        CompactEncoder out = new CompactEncoder().uint(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            MultiSignature.PartialSignature part = parts.get(i);
            boolean patched = part.patchBlocks() > 0;
            out.uint(patched ? 1 : 0).uint(part.signer()).raw(part.signature());
            if (!patched) continue;
            out.uint(length).uint(part.patchBlocks()).uint(paths.get(i).size());
            for (TreeNode node : paths.get(i)) out.uint(patch.indexOf(node));
        }
        TreeNodeCodec.encodeList(out, patch);
        return out.toBytes();
    }

    /** Whether such a signature is valid. */
    public static String signature(byte[] bytes) {
        Tree tree = treeOf(bytes, 3);
        CompactDecoder in = new CompactDecoder(bytes, 3, bytes.length);
        Manifest manifest = Manifest.decode(new CompactDecoder(in.buffer()));
        boolean compat = bytes[2] == 1 && manifest.signers().size() == 1;
        CoreKey key =
                compat ? new CoreKey(manifest.signers().getFirst().publicKey().bytes()) : manifest.coreKey();
        TreeHead head = new TreeHead(bytes[1] & 0xff, bytes[0] & 0xff, tree.roots(), in.raw());
        if (!new Verifier(key, manifest).verify(head)) throw new DecodingException("not signed");
        return "signed";
    }

    /** The moves of a cursor over a flat tree, one byte each, from an index. */
    public static String iterator(byte[] bytes) {
        long index = 0;
        for (int i = 0; i < Math.min(5, bytes.length); i++) index = index * 256 + (bytes[i] & 0xff);
        FlatIterator at = new FlatIterator(index);
        List<Long> seen = new ArrayList<>();
        for (int i = 5; i < Math.min(25, bytes.length); i++) {
            int b = bytes[i] & 0xff;
            if (at.index() + at.factor() > 1L << 45) break;
            switch (b % 6) {
                case 0 -> at.sibling();
                case 1 -> at.parent();
                case 2 -> at.leftChild();
                case 3 -> at.nextTree();
                case 4 -> seen.add(at.contains(b * 1000L) ? 1L : 0L);
                default -> at.seek(at.index() + b);
            }
            seen.addAll(List.of(at.index(), at.leaves(), at.leftSpan(), at.rightSpan()));
        }
        return list(seen, String::valueOf);
    }
}
