package org.datdot.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.datdot.hypercore.EncryptionKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name the secret which blocks are encrypted with. */
final class BlockSecret {
    private static final Pattern DIGITS = Pattern.compile("[0-9a-fA-F]{64}");

    @Option(
            names = "--encryption-key",
            paramLabel = "SECRET",
            description =
                    "What is read and written is encrypted with this secret: 64 hexadecimal digits, or a file that"
                            + " holds them (others may see what is on a command line). It is not stored.")
    @Nullable
    String secret;

    @Option(
            names = "--block-key",
            paramLabel = "KEY",
            description = "As --encryption-key, but the key of this one core's blocks, as far as that was given away.")
    @Nullable
    String blockKey;

    /** The key, null when none is named. */
    @Nullable
    EncryptionKey key() {
        Arguments.require(secret == null || blockKey == null, "--encryption-key and --block-key exclude each other");
        String whole = secret;
        String ofBlocks = blockKey;
        if (whole != null) {
            return EncryptionKey.of(bytes(whole));
        }
        return ofBlocks == null ? null : EncryptionKey.ofBlocks(bytes(ofBlocks));
    }

    /** The key of a drive, which has two cores. */
    @Nullable
    EncryptionKey ofDrive() {
        Arguments.require(blockKey == null, "a drive has two cores: name its --encryption-key, not a --block-key");
        return key();
    }

    private static byte[] bytes(String text) {
        String digits = DIGITS.matcher(text).matches() ? text : read(Path.of(text));
        Arguments.require(
                DIGITS.matcher(digits).matches(), "an encryption key has 64 hexadecimal digits; see --encryption-key");
        return HexFormat.of().parseHex(digits);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new NodeException(
                    Exit.USAGE, "the encryption key is neither 64 hexadecimal digits nor a file that can be read", e);
        }
    }
}
