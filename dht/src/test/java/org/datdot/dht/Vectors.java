package org.datdot.dht;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the stock packages write: {@code vectors.txt}, made by interop/node/dht-vectors.js. */
final class Vectors {
    private static final NavigableMap<String, byte[]> ALL = read();

    private Vectors() {}

    static byte[] of(String name) {
        byte[] bytes = ALL.get(name);
        if (bytes == null) throw new AssertionError("there is no vector " + name);
        return bytes.clone();
    }

    /** All whose name begins with a prefix; never empty. */
    static Map<String, byte[]> startingWith(String prefix) {
        Map<String, byte[]> found = ALL.subMap(prefix, prefix + Character.MAX_VALUE);
        if (found.isEmpty()) throw new AssertionError("there are no vectors " + prefix);
        return found;
    }

    private static NavigableMap<String, byte[]> read() {
        try (InputStream in = Vectors.class.getResourceAsStream("vectors.txt")) {
            if (in == null) throw new AssertionError("vectors.txt is missing");
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .collect(Collectors.toMap(
                            fields -> fields[0],
                            fields -> HexFormat.of().parseHex(fields[1]),
                            (a, b) -> {
                                throw new AssertionError("two vectors of one name");
                            },
                            TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
