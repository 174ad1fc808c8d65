package org.datdot.crypto;

import java.util.HexFormat;

/** A process that needs libsodium once and says what came of it; started by {@link NativeLibraryTest}. */
final class HashOnce {
    private HashOnce() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) {
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                System.out.println(HexFormat.of().formatHex(Blake2b.hash(Vectors.text("abc"))));
            } catch (CryptoException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
    }
}
