package org.datdot.dht;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.datdot.crypto.Blake2b;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.junit.jupiter.api.Test;

/** The parts of a node against what the stock ones answer to the same input: interop/node/dht-vectors.js. */
class KademliaTest {
    @Test
    void shouldNameTheNodesTheStockTableNames() {
        RoutingTable table = new RoutingTable(new NodeId(Blake2b.hash("table".getBytes(US_ASCII))));
        Map<NodeId, Integer> indexes = new HashMap<>();
        for (int i = 0; i < 400; i++) {
            NodeId id = new NodeId(Blake2b.hash(new CompactEncoder().uint16(i).toBytes()));
            indexes.put(id, i);
            table.add(new Contact(id, MessageTest.OTHER, MessageTest.OWN));
        }
        assertThat(written(table.all(), indexes)).isEqualTo(Vectors.of("closest.all"));
        for (int i = 0; i < 10; i++) {
            Target place = Target.hash(("place " + i).getBytes(US_ASCII));
            assertThat(written(table.closest(place, i == 0 ? 60 : 20), indexes))
                    .as("place %d", i)
                    .isEqualTo(Vectors.of("closest." + i));
        }
    }

    private static byte[] written(List<Contact> contacts, Map<NodeId, Integer> indexes) {
        CompactEncoder encoder = new CompactEncoder();
        for (Contact contact : contacts) encoder.uint16(indexes.getOrDefault(contact.id, -1));
        return encoder.toBytes();
    }

    @Test
    void shouldKeepItsSizeAndOrderWhenNodesComeAndGo() {
        long seed = 12;
        Random random = new Random(seed);
        RoutingTable table = new RoutingTable(new NodeId(bytes(random)));
        List<NodeId> inside = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            if (inside.isEmpty() || random.nextInt(3) > 0) {
                NodeId id = new NodeId(bytes(random));
                if (table.add(new Contact(id, MessageTest.OTHER, MessageTest.OWN))) inside.add(id);
            } else {
                table.remove(inside.remove(random.nextInt(inside.size())));
            }
            assertThat(table.size()).as("seed %d, step %d", seed, i).isEqualTo(inside.size());
        }
        assertThat(table.all()).hasSameSizeAs(inside).allMatch(contact -> inside.contains(contact.id));
        assertThat(inside).allMatch(id -> table.get(id) != null && table.row(id).size() <= 20);
        assertThat(table.random(random)).isNotNull();
    }

    @Test
    void shouldCompareDistancesLikeNumbers() {
        long seed = 13;
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] place = bytes(random);
            byte[] a = place.clone();
            byte[] b = place.clone();
            a[random.nextInt(32)] ^= (byte) random.nextInt();
            b[random.nextInt(32)] ^= (byte) random.nextInt();
            int expected = 0;
            for (int j = 0; j < 32 && expected == 0; j++) {
                expected = Integer.compare((place[j] ^ a[j]) & 0xff, (place[j] ^ b[j]) & 0xff);
            }
            Target target = new Target(place);
            assertThat(Integer.signum(target.compareDistance(new NodeId(a), new NodeId(b))))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(expected);
            int bits = 0;
            while (bits < 255 && ((place[bits >> 3] ^ a[bits >> 3]) & 0x80 >> (bits & 7)) == 0) bits++;
            assertThat(target.commonBits(new NodeId(a)))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(bits);
        }
    }

    @Test
    void shouldBelieveOthersAboutItsAddressAsTheStockSamplerDoes() {
        NatSampler sampler = new NatSampler();
        CompactDecoder expected = new CompactDecoder(Vectors.of("nat"));
        PeerAddress nothing = new PeerAddress(0, 0);
        for (int i = 0; i < 120; i++) {
            byte[] draw = Blake2b.hash(new CompactEncoder().uint16(i).toBytes());
            String host = i < 80 || (draw[0] & 0xff) < 200 ? "1.2.3.4" : "5.6.7.8";
            int port = i < 30 ? 4000 : i < 60 ? 4000 + (draw[1] & 1) : i < 90 ? 4001 : 4000 + (draw[2] & 0xff);
            sampler.add(PeerAddress.parse(host + ":" + port));
            PeerAddress address = sampler.address();
            assertThat(address == null ? nothing : address)
                    .as("after sample %d", i)
                    .isEqualTo(PeerAddress.decode(expected));
        }
        expected.requireEnd();
    }

    @Test
    void shouldGiveAndTakeTheTokensTheStockPackageGives() {
        AtomicInteger secrets = new AtomicInteger(2);
        Tokens tokens = new Tokens(target -> java.util.Arrays.fill(target, (byte) secrets.getAndDecrement()), 0);
        Token current = new Token(Vectors.of("token.current"));
        Token previous = new Token(Vectors.of("token.previous"));
        assertThat(tokens.give(MessageTest.OTHER, 0)).isEqualTo(current);
        assertThat(tokens.accepts(current, MessageTest.OTHER, 7_499)).isTrue();
        assertThat(tokens.accepts(previous, MessageTest.OTHER, 7_499)).isTrue();
        assertThat(tokens.accepts(current, MessageTest.OWN, 7_499)).isFalse();
        assertThat(tokens.give(MessageTest.OTHER, 7_500)).isEqualTo(new Token(Vectors.of("token.afterRotation")));
        assertThat(tokens.accepts(current, MessageTest.OTHER, 7_500)).isTrue();
        assertThat(tokens.accepts(previous, MessageTest.OTHER, 7_500)).isFalse();
        assertThat(tokens.accepts(current, MessageTest.OTHER, 15_000)).isFalse();
        Token later = tokens.give(MessageTest.OTHER, 15_000);
        assertThat(tokens.accepts(later, MessageTest.OTHER, 1_000_000)).isFalse();
    }

    @Test
    void shouldHoldBackWhenTooMuchIsUnderWay() {
        CongestionWindow window = new CongestionWindow(80, 0);
        for (int i = 0; i < 80; i++) {
            assertThat(window.isFull()).isFalse();
            window.send();
        }
        assertThat(window.isFull()).isTrue();
        window.receive();
        assertThat(window.isFull()).isFalse();
        window.send();
        window.advance(749);
        assertThat(window.isFull()).isTrue();
        window.advance(750);
        for (int i = 0; i < 80; i++) window.send();
        window.advance(1_500);
        assertThat(window.isFull()).as("160 in all").isTrue();
        window.advance(3_000);
        assertThat(window.isFull()).as("the first 80 are long ago").isFalse();
        window.advance(1_000_000);
        for (int i = 0; i < 79; i++) window.send();
        assertThat(window.isFull()).isFalse();
    }

    @Test
    void shouldWaitAsLongAsANodeUsuallyTakes() {
        AdaptiveTimeouts timeouts = new AdaptiveTimeouts(new Random(14), 0);
        assertThat(timeouts.timeoutMs(MessageTest.OTHER, 1, 0)).isBetween(250L, 506L);
        assertThat(timeouts.timeoutMs(MessageTest.OTHER, 9, 0)).isBetween(4_000L, 4_256L);
        for (int i = 0; i < 50; i++) timeouts.learn(MessageTest.OTHER, 800, 0);
        assertThat(timeouts.timeoutMs(MessageTest.OTHER, 1, 0)).isBetween(800L, 1_070L);
        assertThat(timeouts.timeoutMs(MessageTest.OTHER, 3, 0)).isBetween(2_400L, 2_700L);
        assertThat(timeouts.timeoutMs(MessageTest.OTHER, 9, 0)).isEqualTo(4_000);
        for (int i = 0; i < 50; i++) timeouts.learn(MessageTest.OWN, 1, 0);
        assertThat(timeouts.timeoutMs(MessageTest.OWN, 1, 0)).isBetween(300L, 400L);
        assertThat(timeouts.timeoutMs(MessageTest.OTHER, 1, 15 * 60_000))
                .as("forgotten")
                .isLessThan(510);
    }

    @Test
    void shouldForgetEntriesByNumberBytesAndAge() {
        GenerationCache<Integer, byte[]> cache =
                new GenerationCache<>(new GenerationCache.Limits(10, 1_000, 900, true), value -> value.length, 0);
        for (int i = 0; i < 100; i++) {
            cache.put(i, new byte[1], 0);
            assertThat(cache.size()).isLessThanOrEqualTo(20);
            assertThat(cache.get(i, 0)).isNotNull();
        }
        assertThat(cache.get(0, 0)).isNull();
        for (int i = 0; i < 5; i++) cache.put(1_000 + i, new byte[600], 0);
        assertThat(cache.size())
                .as("two entries of 600 bytes make a generation")
                .isLessThanOrEqualTo(4);
        cache.put(7, new byte[1], 0);
        assertThat(cache.get(7, 599)).isNotNull();
        assertThat(cache.get(7, 601)).as("old, and made young by reading").isNotNull();
        assertThat(cache.get(7, 1_202)).isNotNull();
        assertThat(cache.get(7, 1_202 + 1_201)).isNull();
        GenerationCache<Integer, byte[]> strict =
                new GenerationCache<>(new GenerationCache.Limits(10, 1_000, 900, false), value -> value.length, 0);
        strict.put(7, new byte[1], 0);
        assertThat(strict.get(7, 601)).isNotNull();
        assertThat(strict.get(7, 1_202)).isNull();
    }

    static byte[] bytes(Random random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }
}
