package org.datdot.encoding;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The answers of the stock packages in {@code vectors.txt}, made by {@code vectors.js} beside it. */
final class Vectors {
    private Vectors() {}

    /** All lines of a kind, split at the tabs, without the kind. Never empty. */
    static List<String[]> of(String kind) {
        try (InputStream in = Vectors.class.getResourceAsStream("vectors.txt")) {
            if (in == null) {
                throw new IllegalStateException("vectors.txt is missing");
            }
            List<String[]> found = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .filter(fields -> fields[0].equals(kind))
                    .map(fields -> Arrays.copyOfRange(fields, 1, fields.length))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("vectors.txt has no lines of kind " + kind);
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

    /** The bytes {@code pattern(n)} stands for in {@code vectors.js}. */
    static byte[] pattern(int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = (byte) (i * 7 + length * 13);
        }
        return out;
    }

    /** A text written as JSON; only what JavaScript's {@code JSON.stringify} makes of the texts in {@code vectors.js}. */
    static String text(String json) {
        StringBuilder out = new StringBuilder();
        for (int i = 1; i < json.length() - 1; i++) {
            if (json.charAt(i) == '\\' && json.charAt(i + 1) == 'u') {
                out.append((char) Integer.parseInt(json.substring(i + 2, i + 6), 16));
                i += 5;
            } else {
                out.append(json.charAt(i));
            }
        }
        return out.toString();
    }
}
