package org.datdot.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The answers of the stock packages: {@code vectors.txt} and {@code protocol-vectors.txt}, made by the scripts of the same names. */
final class Vectors {
    private Vectors() {}

    /** All lines of a kind in {@code vectors.txt}, split at the tabs, without the kind. Never empty. */
    static List<String[]> of(String kind) {
        return of("vectors.txt", kind);
    }

    /** A value of {@code protocol-vectors.txt}. */
    static byte[] protocol(String name) {
        return bytes(of("protocol-vectors.txt", name).get(0)[0]);
    }

    static List<String[]> of(String file, String kind) {
        try (InputStream in = Vectors.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing");
            }
            List<String[]> found = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .filter(fields -> fields[0].equals(kind))
                    .map(fields -> Arrays.copyOfRange(fields, 1, fields.length))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalStateException(file + " has no lines of kind " + kind);
            }
            return found;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static byte[] text(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }

    /** Thirty-two times the same byte. */
    static byte[] fill(int value) {
        byte[] out = new byte[32];
        Arrays.fill(out, (byte) value);
        return out;
    }

    /** The bytes {@code pattern(n)} stands for in {@code vectors.js}. */
    static byte[] pattern(int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = (byte) (i * 7 + length * 13);
        }
        return out;
    }
}
