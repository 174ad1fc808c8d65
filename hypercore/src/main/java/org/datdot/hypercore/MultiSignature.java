package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * The signature of a core with a manifest of version 1 or newer: signatures of several signers plus tree nodes that lift
 * signatures over shorter trees to the full length. A single signer's is always 68 bytes. Source: npm hypercore
 * lib/multisig.js and lib/messages.js.
 *
 * @param proofs the signers' signatures, in the order they count towards the quorum
 * @param patch tree nodes for those who signed a shorter tree
 */
public record MultiSignature(List<PartialSignature> proofs, List<TreeNode> patch) {

    /** Copies the lists. */
    public MultiSignature {
        proofs = List.copyOf(proofs);
        patch = List.copyOf(patch);
    }

    /**
     * One signer's share.
     *
     * @param signer position in the manifest's list of signers
     * @param signature 64 bytes; shared, do not modify
     * @param patchBlocks by how many blocks the patch lifts the signed tree, 0 for none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record PartialSignature(long signer, byte[] signature, long patchBlocks) {}

    /** The shares' signatures, with each of their patch nodes once. */
    static MultiSignature of(List<SignatureShare> shares) {
        List<PartialSignature> proofs = new ArrayList<>();
        Map<Long, TreeNode> patch = new LinkedHashMap<>();
        for (SignatureShare share : shares) {
            proofs.add(new PartialSignature(share.signer(), share.signature(), share.patchBlocks()));
            for (TreeNode node : share.patch()) patch.putIfAbsent(node.index(), node);
        }
        return new MultiSignature(proofs, List.copyOf(patch.values()));
    }

    /** The wire bytes. */
    public byte[] encode() {
        CompactEncoder out = new CompactEncoder();
        out.uint(proofs.size());
        for (PartialSignature part : proofs) {
            out.uint(part.signer()).fixed(part.signature()).uint(part.patchBlocks());
        }
        out.uint(patch.size());
        for (TreeNode node : patch) TreeNodeCodec.encode(out, node);
        return out.toBytes();
    }

    /**
     * Reads wire bytes.
     *
     * @throws DecodingException when they are no multisignature
     */
    public static MultiSignature decode(byte[] bytes) {
        CompactDecoder in = new CompactDecoder(bytes);
        List<PartialSignature> proofs = new ArrayList<>();
        int count = in.count(66);
        for (int i = 0; i < count; i++) {
            proofs.add(new PartialSignature(in.uint(), in.fixed(64), in.uint()));
        }
        return new MultiSignature(proofs, TreeNodeCodec.decodeList(in));
    }

    /** The bytes in the older layout of the same shares. */
    byte[] encodeVersion0(List<SignatureShare> shares) {
        CompactEncoder out = new CompactEncoder();
        out.uint(shares.size());
        for (SignatureShare share : shares) {
            boolean patched = share.patchBlocks() > 0;
            out.uint(patched ? 1 : 0).uint(share.signer()).fixed(share.signature());
            if (!patched) continue;
            long last = share.patch().getLast().index();
            out.uint(new FlatIterator(last).rightSpan() / 2 + 1);
            out.uint(share.patchBlocks()).uint(share.patch().size());
            for (TreeNode node : share.patch()) out.uint(patch.indexOf(node));
        }
        out.uint(patch.size());
        for (TreeNode node : patch) TreeNodeCodec.encode(out, node);
        return out.toBytes();
    }

    /** Reads the older layout (manifest version 0), where each share names its patch nodes. */
    static MultiSignature decodeVersion0(byte[] bytes) {
        CompactDecoder in = new CompactDecoder(bytes);
        List<PartialSignature> proofs = new ArrayList<>();
        int count = in.count(66);
        for (int i = 0; i < count; i++) {
            boolean patched = (in.uint() & 1) != 0;
            long signer = in.uint();
            byte[] signature = in.fixed(64);
            long blocks = 0;
            if (patched) {
                in.uint(); // start: implied by the head that is verified
                blocks = in.uint();
                long nodes = in.uint();
                for (long n = 0; n < nodes; n++) in.uint();
            }
            proofs.add(new PartialSignature(signer, signature, blocks));
        }
        return new MultiSignature(proofs, TreeNodeCodec.decodeList(in));
    }
}
