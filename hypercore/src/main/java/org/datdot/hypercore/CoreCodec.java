package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a handle sees the blocks of a core: as they are stored, or decrypted. */
final class CoreCodec {
    private final CoreState core;
    private final @Nullable EncryptionKey secret;
    private volatile @Nullable BlockEncryption cipher;

    /** Blocks as they are stored. */
    CoreCodec(CoreState core) {
        this.core = core;
        this.secret = null;
    }

    CoreCodec(CoreState core, EncryptionKey secret) {
        this.core = core;
        this.secret = secret;
    }

    CoreCodec(CoreState core, BlockEncryption cipher) {
        this(core);
        this.cipher = cipher;
    }

    /** Bytes of each stored block that are not its content. */
    int paddingBytes() {
        BlockEncryption with = cipher;
        if (with != null) return with.paddingBytes();
        return secret == null ? 0 : BlockCipher.PADDING_BYTES;
    }

    long byteLength(TreeHead head) {
        return head.byteLength() - head.length() * paddingBytes();
    }

    byte[] decode(long index, byte[] stored) {
        BlockEncryption with = cipher();
        return with == null ? stored : with.decrypt(index, stored);
    }

    /** What is stored for blocks from index {@code start} on, of a core whose fork number is given. */
    List<byte[]> encode(long start, long fork, List<byte[]> blocks) {
        BlockEncryption with = cipher();
        if (with == null) return blocks;
        List<byte[]> encrypted = new ArrayList<>(blocks.size());
        for (byte[] block : blocks) encrypted.add(with.encrypt(start + encrypted.size(), fork, block));
        return encrypted;
    }

    /** Whether what is stored depends on where it is stored. */
    boolean encrypts() {
        return secret != null || cipher != null;
    }

    private @Nullable BlockEncryption cipher() {
        EncryptionKey key = secret;
        BlockEncryption made = cipher;
        if (key == null || made != null) return made;
        Manifest manifest = core.manifest();
        BlockCipher fresh = BlockCipher.of(key, core.key(), manifest != null && manifest.isCompat(core.key()));
        if (manifest != null) cipher = fresh;
        return fresh;
    }
}
