package org.datdot.dht;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.RecordSignatures.Addressee;
import org.datdot.dht.RecordSignatures.Purpose;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;

/** Records and signatures of the stock hyperdht: interop/node/dht-vectors.js. */
class RecordsTest {
    private static final KeyPair KEYS = KeyPair.fromSeed(MessageTest.filled(32, 3));
    private static final PeerRecord PLAIN = new PeerRecord(KEYS.publicKey(), List.of());
    private static final PeerRecord RELAYED =
            new PeerRecord(KEYS.publicKey(), List.of(MessageTest.OWN, MessageTest.OTHER));
    private static final Addressee TO = new Addressee(
            new Target(MessageTest.filled(32, 7)), MessageTest.OWN.id(), new Token(MessageTest.filled(32, 9)));
    private static final Hash REFRESH = new Hash(MessageTest.filled(32, 8));

    @Test
    void shouldWriteAndReadPeersAndLookupsAsTheStockPackage() {
        assertThat(PLAIN.encode()).isEqualTo(Vectors.of("peer.plain"));
        assertThat(RELAYED.encode()).isEqualTo(Vectors.of("peer.relayed"));
        byte[] two = LookupReply.encode(List.of(PLAIN.encode(), RELAYED.encode()), 1_700_000_000_000L);
        assertThat(two).isEqualTo(Vectors.of("lookup.two"));
        assertThat(LookupReply.decode(two)).isEqualTo(new LookupReply(List.of(PLAIN, RELAYED), 1_700_000_000_000L));
        byte[] one = LookupReply.encode(List.of(PLAIN.encode()), 0);
        assertThat(one).isEqualTo(Vectors.of("lookup.one"));
        byte[] withoutBump = Arrays.copyOf(one, one.length - 1);
        assertThat(LookupReply.decode(withoutBump)).isEqualTo(new LookupReply(List.of(PLAIN), 0));
    }

    @Test
    void shouldSignAnnouncementsAsTheStockPackage() {
        checkAnnouncement("plain", Purpose.ANNOUNCE, new Announcement(PLAIN, null, null, 0));
        checkAnnouncement("full", Purpose.ANNOUNCE, new Announcement(RELAYED, REFRESH, null, 1_700_000_000_000L));
        checkAnnouncement("withdrawal", Purpose.UNANNOUNCE, new Announcement(PLAIN, null, null, 0));
        Announcement renewal = new Announcement(null, REFRESH, null, 0);
        assertThat(renewal.encode()).isEqualTo(Vectors.of("announce.renewal"));
        assertThat(Announcement.decode(renewal.encode())).isEqualTo(renewal);
    }

    private static void checkAnnouncement(String name, Purpose purpose, Announcement unsigned) {
        Announcement signed = RecordSignatures.sign(purpose, TO, unsigned, KEYS);
        assertThat(signed.encode()).as(name).isEqualTo(Vectors.of("announce." + name));
        Announcement decoded = Announcement.decode(Vectors.of("announce." + name));
        assertThat(decoded).as(name).isEqualTo(signed);
        Purpose other = purpose == Purpose.ANNOUNCE ? Purpose.UNANNOUNCE : Purpose.ANNOUNCE;
        assertThat(RecordSignatures.verify(purpose, TO, decoded)).isTrue();
        assertThat(RecordSignatures.verify(other, TO, decoded)).isFalse();
        Addressee elsewhere = new Addressee(TO.target(), MessageTest.OTHER.id(), TO.token());
        assertThat(RecordSignatures.verify(purpose, elsewhere, decoded)).isFalse();
        Addressee later = new Addressee(TO.target(), TO.node(), new Token(MessageTest.filled(32, 10)));
        assertThat(RecordSignatures.verify(purpose, later, decoded)).isFalse();
    }

    @Test
    void shouldSignMutableValuesAsTheStockPackage() {
        checkMutable("short", 0, "hello".getBytes(US_ASCII));
        checkMutable("long", 70_000, MessageTest.filled(900, 4));
        checkMutable("empty", 1, new byte[0]);
    }

    private static void checkMutable(String name, long seq, byte[] value) {
        MutableValue signed = RecordSignatures.signMutable(seq, value, KEYS);
        assertThat(signed.encodePut(KEYS.publicKey())).isEqualTo(Vectors.of("mutable." + name + ".put"));
        assertThat(signed.encode()).isEqualTo(Vectors.of("mutable." + name + ".get"));
        MutableValue decoded = MutableValue.decode(new CompactDecoder(signed.encode()));
        assertThat(decoded).isEqualTo(signed);
        assertThat(RecordSignatures.verifyMutable(decoded, KEYS.publicKey())).isTrue();
        MutableValue renumbered = new MutableValue(seq + 1, value, signed.signature());
        assertThat(RecordSignatures.verifyMutable(renumbered, KEYS.publicKey())).isFalse();
    }

    @Test
    void shouldRefuseEveryRecordThatIsCutShort() {
        Vectors.startingWith("announce.").forEach((name, bytes) -> {
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> Announcement.decode(cut)).as(name).isInstanceOf(DecodingException.class);
            }
        });
        byte[] value = Vectors.of("mutable.short.get");
        for (int length = 0; length < value.length; length++) {
            CompactDecoder cut = new CompactDecoder(value, 0, length);
            assertThatThrownBy(() -> MutableValue.decode(cut)).isInstanceOf(DecodingException.class);
        }
    }

    @Test
    void shouldShowEachOfManyPeersAboutAsOften() {
        Random random = new Random(15);
        AnnouncedPeers peers = new AnnouncedPeers(1_000, 60_000, 0);
        Target topic = new Target(KademliaTest.bytes(random));
        for (int i = 0; i < 100; i++) {
            if (i == 60) assertThat(peers.sample(topic, 20, random, 45_000)).hasSize(20);
            peers.put(topic, new PublicKey(KademliaTest.bytes(random)), new byte[] {(byte) i}, i < 60 ? 0 : 45_000);
        }
        int[] shown = new int[100];
        for (int i = 0; i < 1_000; i++) {
            List<byte[]> sample = peers.sample(topic, 20, random, 45_000);
            Set<Integer> distinct = new HashSet<>();
            for (byte[] record : sample) distinct.add((int) record[0]);
            assertThat(distinct).hasSize(20);
            distinct.forEach(index -> shown[index]++);
        }
        assertThat(Arrays.stream(shown).boxed()).allMatch(times -> times > 130 && times < 270);
    }

    @Test
    void shouldReplaceAPeersRelaysAndForgetThePeerOnDemandAndWithAge() {
        Random random = new Random(16);
        AnnouncedPeers peers = new AnnouncedPeers(10, 60_000, 0);
        Target topic = new Target(KademliaTest.bytes(random));
        List<PublicKey> keys = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            keys.add(new PublicKey(KademliaTest.bytes(random)));
            peers.put(topic, keys.get(i), new byte[] {(byte) i}, 0);
        }
        peers.put(topic, keys.get(2), new byte[] {42}, 0);
        assertThat(peers.size()).isEqualTo(5);
        peers.remove(topic, keys.get(0));
        peers.remove(topic, keys.get(0));
        assertThat(peers.sample(topic, 20, random, 0).stream().map(record -> (int) record[0]))
                .containsExactlyInAnyOrder(1, 42, 3, 4);
        assertThat(peers.sample(topic, 20, random, 79_000)).hasSize(4);
        assertThat(peers.sample(topic, 20, random, 80_001)).isEmpty();
        for (int i = 0; i < 1_000; i++) {
            peers.put(topic, new PublicKey(KademliaTest.bytes(random)), new byte[1], 80_001);
            assertThat(peers.size()).isLessThanOrEqualTo(22);
        }
    }
}
