package org.datdot.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Optional;
import org.datdot.crypto.Entropy;
import org.datdot.ledger.AccountKeys;

/**
 * The master seed of an account on disk: 64 hexadecimal characters in a file only its owner may read. Whoever has the seed has the account.
 */
final class AccountFile {
    private static final int SEED_BYTES = 32;

    private AccountFile() {}

    /** The account in {@code folder}, made from fresh randomness when there is none. */
    static AccountKeys openOrCreate(Path folder, Entropy entropy) {
        Optional<AccountKeys> known = open(folder);
        if (known.isPresent()) {
            return known.get();
        }
        byte[] seed = new byte[SEED_BYTES];
        entropy.fill(seed);
        write(folder, seed);
        return AccountKeys.fromSeed(seed);
    }

    /** The account in {@code folder}, if there is one. */
    static Optional<AccountKeys> open(Path folder) {
        return seed(folder).map(AccountKeys::fromSeed);
    }

    /** The master seed in {@code folder}, if there is one. */
    static Optional<byte[]> seed(Path folder) {
        Path file = file(folder);
        try {
            byte[] seed = HexFormat.of()
                    .parseHex(Files.readString(file, StandardCharsets.US_ASCII).strip());
            if (seed.length != SEED_BYTES) {
                throw damaged(file);
            }
            return Optional.of(seed);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw damaged(file);
        } catch (IOException e) {
            throw new NodeException(
                    Exit.DATA_DIRECTORY, "cannot read the account in " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Puts a seed in place, for a new account or one restored from its phrase.
     *
     * @throws NodeException when there is an account already: a seed is never overwritten
     */
    static void write(Path folder, byte[] seed) {
        Path file = file(folder);
        try {
            Files.createDirectories(folder);
            if (Files.exists(file)) {
                throw new NodeException(
                        Exit.FAILED,
                        "there is an account in " + file
                                + " already; move that file away first, it is the only copy of its keys");
            }
            Path fresh = folder.resolve("account.seed.new");
            Files.deleteIfExists(fresh);
            if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
                Files.createFile(
                        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } else {
                Files.createFile(fresh);
            }
            Files.writeString(fresh, HexFormat.of().formatHex(seed) + "\n", StandardCharsets.US_ASCII);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new NodeException(
                    Exit.DATA_DIRECTORY,
                    "cannot write the account to " + file + " (" + e.getMessage()
                            + "): is there room, and may you write there?",
                    e);
        }
    }

    private static Path file(Path folder) {
        return folder.resolve("account.seed");
    }

    private static NodeException damaged(Path file) {
        return new NodeException(
                Exit.DATA_DIRECTORY,
                "the account in " + file + " is damaged: it should be 64 hexadecimal characters; restore it with"
                        + " `datdot account --restore` and its 24 words after moving the file away");
    }
}
