package org.datdot.hypercore;

import static org.datdot.interop.Rendering.fields;
import static org.datdot.interop.Rendering.hex;
import static org.datdot.interop.Rendering.list;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.jspecify.annotations.Nullable;

/** Lets interop's FuzzTest reach the decoders of this package; the values come back as text. */
public final class HypercoreDecoders {
    private HypercoreDecoders() {}

    /** A replication message of a type. */
    public static String message(int type, byte[] bytes) {
        ReplicationMessage message = Objects.requireNonNull(ReplicationCodec.decode(type, new CompactDecoder(bytes)));
        return render(message) + hex(ReplicationCodec.encode(message));
    }

    /** The handshake of a replication channel. */
    public static String handshake(byte[] bytes) {
        ReplicationMessage.Handshake handshake = ReplicationCodec.decodeHandshake(new CompactDecoder(bytes));
        return fields(handshake.seeks(), hex(handshake.capability()))
                + hex(ReplicationCodec.encodeHandshake(handshake));
    }

    /** A manifest, whatever follows it. */
    public static String manifest(byte[] bytes) {
        Manifest manifest = Manifest.decode(new CompactDecoder(bytes));
        return render(manifest) + hex(manifest.encode());
    }

    /** A record of the store's database. */
    public static String record(String kind, byte[] bytes) {
        StoreRecord record = switch (kind) {
            case "storeHead" -> StoreRecord.StoreHead.decode(bytes);
            case "storeCore" -> StoreRecord.CorePointers.decode(bytes);
            case "storeAuth" -> StoreRecord.CoreAuth.decode(bytes);
            case "storeTree" -> untimed(StoreRecord.StoredHead.decode(bytes));
            case "storeHints" -> StoreRecord.CoreHints.decode(bytes);
            case "storeDependency" -> StoreRecord.Dependency.decode(bytes);
            case "storeSessions" -> StoreRecord.Sessions.decode(bytes);
            default -> throw new IllegalArgumentException(kind);
        };
        return render(record) + hex(record.encode());
    }

    /** The time is a floating point number in JavaScript, so it is not compared. */
    private static StoreRecord.StoredHead untimed(StoreRecord.StoredHead head) {
        return new StoreRecord.StoredHead(head.fork(), head.length(), head.treeHash(), head.signature(), 0);
    }

    private static String render(StoreRecord record) {
        return switch (record) {
            case StoreRecord.StoreHead m ->
                fields(m.cores(), m.datas(), m.groups(), hex(m.seed()), hex(m.defaultCore()));
            case StoreRecord.CorePointers m -> {
                String alias = m.alias();
                yield fields(
                        m.corePointer(),
                        m.dataPointer(),
                        alias == null
                                ? null
                                : fields(hex(alias.getBytes(StandardCharsets.UTF_8)), hex(m.aliasNamespace())));
            }
            case StoreRecord.CoreAuth m -> {
                KeyPair keys = m.keyPair();
                yield fields(
                        hex(m.key().bytes()),
                        hex(m.discoveryKey().bytes()),
                        render(m.manifest()),
                        keys == null
                                ? null
                                : fields(
                                        hex(keys.publicKey().bytes()),
                                        hex(keys.secretKey().bytes())),
                        hex(m.encryptionKey()));
            }
            case StoreRecord.StoredHead m ->
                fields(m.fork(), m.length(), hex(m.treeHash().bytes()), hex(m.signature()));
            case StoreRecord.GroupPlace m -> fields(hex(m.topic().bytes()), m.pointer());
            case StoreRecord.CoreHints m -> fields(m.contiguousLength(), m.remoteContiguousLength(), m.recovering());
            case StoreRecord.Dependency m -> fields(m.dataPointer(), m.length());
            case StoreRecord.Sessions m ->
                list(m.all(), each -> fields(hex(each.name().getBytes(StandardCharsets.UTF_8)), each.dataPointer()));
        };
    }

    /** A signature of several signers. */
    public static String multisig(byte[] bytes) {
        MultiSignature signature = MultiSignature.decode(bytes);
        return fields(
                        list(
                                signature.proofs(),
                                part -> fields(part.signer(), hex(part.signature()), part.patchBlocks())),
                        nodes(signature.patch()))
                + hex(signature.encode());
    }

    private static String nodes(List<TreeNode> nodes) {
        return list(
                nodes, node -> fields(node.index(), node.size(), hex(node.hash().bytes())));
    }

    private static String render(ReplicationMessage message) {
        return switch (message) {
            case ReplicationMessage.Sync m ->
                fields(
                        m.fork(),
                        m.length(),
                        m.remoteLength(),
                        m.canUpgrade(),
                        m.uploading(),
                        m.downloading(),
                        m.hasManifest(),
                        m.allowPush());
            case ReplicationMessage.Request m -> render(m);
            case ReplicationMessage.Cancel m -> fields(m.request());
            case ReplicationMessage.Data m -> render(m);
            case ReplicationMessage.NoData m -> fields(m.request(), m.reason());
            case ReplicationMessage.Want m -> fields(m.start(), m.length(), m.any());
            case ReplicationMessage.Unwant m -> fields(m.start(), m.length(), m.any());
            case ReplicationMessage.Bitfield m ->
                fields(m.start(), list(Arrays.stream(m.words()).boxed().toList(), Integer::toUnsignedString));
            case ReplicationMessage.Range m -> fields(m.drop(), m.start(), m.length());
            case ReplicationMessage.Extension m ->
                fields(hex(m.name().getBytes(StandardCharsets.UTF_8)), hex(m.message()));
        };
    }

    private static String render(ReplicationMessage.Request m) {
        ProofRequest.BlockRequest block = m.proof().block();
        ProofRequest.HashRequest hash = m.proof().hash();
        ProofRequest.SeekRequest seek = m.proof().seek();
        ProofRequest.UpgradeRequest upgrade = m.proof().upgrade();
        return fields(
                m.id(),
                m.fork(),
                block == null ? null : fields(block.index(), block.nodes()),
                hash == null ? null : fields(hash.index(), hash.nodes()),
                seek == null ? null : fields(seek.bytes(), seek.padding()),
                upgrade == null ? null : fields(upgrade.start(), upgrade.length()),
                m.proof().manifest(),
                m.priority());
    }

    private static String render(ReplicationMessage.Data m) {
        Proof.DataBlock block = m.proof().block();
        Proof.DataHash hash = m.proof().hash();
        Proof.DataSeek seek = m.proof().seek();
        Proof.DataUpgrade upgrade = m.proof().upgrade();
        return fields(
                m.request(),
                m.proof().fork(),
                block == null ? null : fields(block.index(), hex(block.value()), nodes(block.nodes())),
                hash == null ? null : fields(hash.index(), nodes(hash.nodes())),
                seek == null ? null : fields(seek.bytes(), nodes(seek.nodes())),
                upgrade == null
                        ? null
                        : fields(
                                upgrade.start(),
                                upgrade.length(),
                                nodes(upgrade.nodes()),
                                nodes(upgrade.additionalNodes()),
                                hex(upgrade.signature())),
                render(m.proof().manifest()));
    }

    private static String render(@Nullable Manifest m) {
        if (m == null) return "-";
        Manifest.Prologue prologue = m.prologue();
        List<CoreKey> linked = m.linked();
        return fields(
                m.version(),
                m.allowPatch(),
                m.quorum(),
                list(
                        m.signers(),
                        signer -> fields(
                                hex(signer.namespace().bytes()),
                                hex(signer.publicKey().bytes()))),
                prologue == null ? null : fields(hex(prologue.hash().bytes()), prologue.length()),
                linked == null ? null : list(linked, key -> hex(key.bytes())),
                hex(m.userData()));
    }
}
