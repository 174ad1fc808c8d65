package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;

/** The messages of the stock blind-relay: interop/node/relay-vectors.js. */
class BlindRelayTest {
    private static final byte[] TOKEN = token();

    private static byte[] token() {
        byte[] token = new byte[BlindRelay.TOKEN_BYTES];
        Arrays.fill(token, (byte) 7);
        return token;
    }

    @Test
    void shouldWriteAndReadTheMessagesOfTheStockPackage() throws IOException {
        int pairs = 0;
        for (String line : lines()) {
            String[] fields = line.split(" ", -1);
            byte[] bytes = HexFormat.of().parseHex(fields[1]);
            String[] name = fields[0].split("\\.", -1);
            if (name[0].equals("unpair")) {
                assertThat(BlindRelay.decodeUnpair(new CompactDecoder(bytes))).isEqualTo(TOKEN);
                continue;
            }
            BlindRelay.Pair pair = new BlindRelay.Pair(Boolean.parseBoolean(name[1]), TOKEN, Long.parseLong(name[2]));
            assertThat(pair.encode()).as(fields[0]).isEqualTo(bytes);
            assertThat(BlindRelay.Pair.decode(new CompactDecoder(bytes)))
                    .usingRecursiveComparison()
                    .isEqualTo(pair);
            for (int length = 0; length < bytes.length; length++) {
                CompactDecoder cut = new CompactDecoder(Arrays.copyOf(bytes, length));
                assertThatThrownBy(() -> BlindRelay.Pair.decode(cut)).isInstanceOf(DecodingException.class);
            }
            pairs++;
        }
        assertThat(pairs).isEqualTo(6);
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = BlindRelayTest.class.getResourceAsStream("relay-vectors.txt")) {
            if (in == null) throw new AssertionError("relay-vectors.txt is missing");
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }
}
