package org.datdot.hypercore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a handle sees the blocks of a core: as they are stored, or decrypted. */
final class CoreCodec {
    private final CoreState core;
    private final @Nullable EncryptionKey secret;
    private volatile @Nullable BlockCipher cipher;

    CoreCodec(CoreState core, @Nullable EncryptionKey secret) {
        this.core = core;
        this.secret = secret;
    }

    @Nullable
    EncryptionKey secret() {
        return secret;
    }

    /** Bytes of each stored block that are not its content. */
    int paddingBytes() {
        return secret == null ? 0 : BlockCipher.PADDING_BYTES;
    }

    long byteLength(TreeHead head) {
        return head.byteLength() - head.length() * paddingBytes();
    }

    byte[] decode(long index, byte[] stored) {
        BlockCipher with = cipher();
        return with == null ? stored : with.decrypt(index, stored);
    }

    /** What is stored for blocks from index {@code start} on, of a core whose fork number is given. */
    List<byte[]> encode(long start, long fork, List<byte[]> blocks) {
        BlockCipher with = cipher();
        return with == null ? blocks : with.encrypt(start, fork, blocks);
    }

    /** Whether what is stored depends on where it is stored. */
    boolean encrypts() {
        return secret != null;
    }

    private @Nullable BlockCipher cipher() {
        EncryptionKey key = secret;
        BlockCipher made = cipher;
        if (key == null || made != null) return made;
        Manifest manifest = core.manifest();
        BlockCipher fresh = BlockCipher.of(key, core.key(), manifest != null && manifest.isCompat(core.key()));
        if (manifest != null) cipher = fresh;
        return fresh;
    }
}
