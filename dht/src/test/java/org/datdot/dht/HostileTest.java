package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.DhtException.Reason;
import org.datdot.dht.DhtOptions.StorageLimits;
import org.datdot.dht.Message.Reply;
import org.datdot.dht.Message.Request;
import org.datdot.dht.RecordSignatures.Addressee;
import org.datdot.dht.RecordSignatures.Purpose;
import org.datdot.encoding.CompactEncoder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What strangers can do to a node: nothing but use up the little it allows itself. */
class HostileTest {
    private static final PeerAddress VICTIM = PeerAddress.parse("10.0.0.1:49737");
    private static final PeerAddress STRANGER = PeerAddress.parse("10.9.9.9:1234");
    private static final Target TOPIC = new Target(MessageTest.filled(32, 7));
    private static final KeyPair KEYS = KeyPair.fromSeed(MessageTest.filled(32, 3));

    /** A node others rely on, alone. */
    private static final class Victim {
        final DhtNode node;
        final RecordStore store;
        long nowMs = 1;

        Victim(StorageLimits limits) {
            Random random = new Random(1);
            DhtOptions options = DhtOptions.bootstrapper(VICTIM)
                    .withStorage(limits)
                    .withEntropy(random::nextBytes, () -> Instant.ofEpochMilli(1_700_000_000_000L));
            DhtNode[] self = new DhtNode[1];
            store = new RecordStore(
                    limits, () -> Objects.requireNonNull(self[0]).id(), options.wallClock(), random, nowMs);
            node = new DhtNode(options, List.of(), VICTIM.port(), store, nowMs);
            self[0] = node;
            node.start(nowMs);
            assertThat(node.id()).isEqualTo(VICTIM.id());
            assertThat(sent()).isEmpty();
        }

        List<Outgoing> sent() {
            List<Outgoing> sent = new ArrayList<>();
            for (Outgoing next = node.poll(); next != null; next = node.poll()) sent.add(next);
            return sent;
        }

        List<Outgoing> receive(PeerAddress from, byte[] datagram) {
            node.receive(LocalSocket.SERVER, from, datagram, nowMs);
            return sent();
        }

        /** The answer to a request, or none. */
        List<Reply> ask(PeerAddress from, Request request) {
            return receive(from, request.encode()).stream()
                    .map(sent -> (Reply) Message.decode(sent.datagram()))
                    .toList();
        }

        Token token(PeerAddress from) {
            Reply reply = ask(from, request(Command.Records.LOOKUP, null, null)).getFirst();
            return Objects.requireNonNull(reply.token());
        }
    }

    private static Request request(int command, byte @Nullable [] value, @Nullable Token token) {
        return request(command, TOPIC, value, token);
    }

    private static Request request(int command, Target target, byte @Nullable [] value, @Nullable Token token) {
        return new Request(5, VICTIM, null, token, false, command, target, value);
    }

    private static byte[] announcement(Target topic, Token token, KeyPair keys) {
        Announcement unsigned = new Announcement(new PeerRecord(keys.publicKey(), List.of()), null, null, 0);
        return RecordSignatures.sign(Purpose.ANNOUNCE, new Addressee(topic, VICTIM.id(), token), unsigned, keys)
                .encode();
    }

    @Test
    void shouldStoreNothingWhenTheTokenIsForgedMissingStolenOrOld() {
        Victim victim = new Victim(StorageLimits.defaults());
        Token good = victim.token(STRANGER);
        Token forged = new Token(MessageTest.filled(32, 1));
        List<Reply> refused =
                victim.ask(STRANGER, request(Command.Records.ANNOUNCE, announcement(TOPIC, forged, KEYS), forged));
        assertThat(refused).singleElement().matches(reply -> reply.error() == ErrorCode.INVALID_TOKEN);
        assertThat(victim.ask(STRANGER, request(Command.Records.ANNOUNCE, announcement(TOPIC, good, KEYS), null)))
                .isEmpty();
        PeerAddress thief = PeerAddress.parse("10.9.9.8:1234");
        assertThat(victim.ask(thief, request(Command.Records.ANNOUNCE, announcement(TOPIC, good, KEYS), good)))
                .singleElement()
                .matches(reply -> reply.error() == ErrorCode.INVALID_TOKEN);
        victim.nowMs += 2 * Tokens.ROTATION_MS;
        assertThat(victim.ask(STRANGER, request(Command.Records.ANNOUNCE, announcement(TOPIC, good, KEYS), good)))
                .singleElement()
                .matches(reply -> reply.error() == ErrorCode.INVALID_TOKEN);
        assertThat(victim.store.announcements()).isZero();
        Token fresh = victim.token(STRANGER);
        assertThat(victim.ask(STRANGER, request(Command.Records.ANNOUNCE, announcement(TOPIC, fresh, KEYS), fresh)))
                .singleElement()
                .matches(reply -> reply.error() == 0);
        assertThat(victim.store.announcements()).isEqualTo(1);
    }

    @Test
    void shouldStoreNothingWhenTheSignatureOrHashIsOfSomethingElse() {
        Victim victim = new Victim(StorageLimits.defaults());
        Token token = victim.token(STRANGER);
        byte[] elsewhere = announcement(new Target(MessageTest.filled(32, 8)), token, KEYS);
        assertThat(victim.ask(STRANGER, request(Command.Records.ANNOUNCE, elsewhere, token)))
                .isEmpty();
        Target own = Target.of(KEYS.publicKey());
        byte[] put = RecordSignatures.signMutable(1, new byte[] {1}, KEYS).encodePut(KEYS.publicKey());
        // Of the key, the number, the value and the signature.
        for (int changed : new int[] {0, 32, put.length - 65, put.length - 1}) {
            byte[] broken = put.clone();
            broken[changed] ^= 1;
            assertThat(victim.ask(STRANGER, request(Command.Records.MUTABLE_PUT, own, broken, token)))
                    .as("byte %d", changed)
                    .isEmpty();
        }
        byte[] good = RecordSignatures.signMutable(1, new byte[] {1}, KEYS).encodePut(KEYS.publicKey());
        assertThat(victim.ask(STRANGER, request(Command.Records.MUTABLE_PUT, good, token)))
                .as("not where the key belongs")
                .isEmpty();
        assertThat(victim.ask(STRANGER, request(Command.Records.IMMUTABLE_PUT, new byte[] {1}, token)))
                .isEmpty();
        assertThat(victim.store.announcements() + victim.store.values()).isZero();
    }

    @Test
    void shouldOnlyWithdrawAnAnnouncementForItsOwner() {
        Victim victim = new Victim(StorageLimits.defaults());
        Token token = victim.token(STRANGER);
        victim.ask(STRANGER, request(Command.Records.ANNOUNCE, announcement(TOPIC, token, KEYS), token));
        Announcement unsigned = new Announcement(new PeerRecord(KEYS.publicKey(), List.of()), null, null, 0);
        Addressee addressee = new Addressee(TOPIC, VICTIM.id(), token);
        KeyPair other = KeyPair.fromSeed(MessageTest.filled(32, 4));
        for (KeyPair signer : List.of(other, KEYS)) {
            Announcement signed = RecordSignatures.sign(Purpose.UNANNOUNCE, addressee, unsigned, signer);
            victim.ask(STRANGER, request(Command.Records.UNANNOUNCE, signed.encode(), token));
            assertThat(victim.store.announcements()).isEqualTo(signer.equals(KEYS) ? 0 : 1);
        }
    }

    @Test
    void shouldBelieveAReplyOnlyFromWhomItAsked() {
        Victim victim = new Victim(StorageLimits.defaults());
        List<Object> heard = new ArrayList<>();
        victim.node.ping(
                STRANGER,
                0,
                new Call.Listener() {
                    @Override
                    public void replied(Answer answer) {
                        heard.add(answer);
                    }

                    @Override
                    public void failed(Reason reason) {
                        heard.add(reason);
                    }
                },
                victim.nowMs);
        Outgoing ping = victim.sent().getFirst();
        int tid = Message.decode(ping.datagram()).tid();
        for (int i = 0; i < 65_536; i++) {
            PeerAddress spoofer = new PeerAddress(STRANGER.host(), 2_000);
            victim.receive(spoofer, new Reply(i, VICTIM, null, null, List.of(), 0, null).encode());
            if (i != tid) victim.receive(STRANGER, new Reply(i, VICTIM, null, null, List.of(), 0, null).encode());
        }
        assertThat(heard).isEmpty();
        victim.receive(STRANGER, new Reply(tid, VICTIM, null, null, List.of(), 0, null).encode());
        victim.receive(STRANGER, new Reply(tid, VICTIM, null, null, List.of(), 0, null).encode());
        assertThat(heard).singleElement().isInstanceOf(Answer.class);
    }

    @Test
    void shouldTakeNobodyIntoItsTableUnderAnIdThatIsNotItsAddress() {
        Victim victim = new Victim(StorageLimits.defaults());
        PeerAddress honest = PeerAddress.parse("10.9.9.7:1234");
        victim.ask(STRANGER, new Request(1, VICTIM, honest.id(), null, true, Command.PING, null, null));
        assertThat(victim.node.table().size()).isZero();
        victim.ask(honest, new Request(1, VICTIM, honest.id(), null, true, Command.PING, null, null));
        assertThat(victim.node.table().get(honest.id())).isNotNull();
    }

    @Test
    void shouldStayWithinItsLimitsWhenAnnouncementsAndValuesFlood() {
        StorageLimits limits = new StorageLimits(200, 60_000, 50, 20_000, 60_000);
        Victim victim = new Victim(limits);
        Random random = new Random(2);
        for (int i = 0; i < 2_000; i++) {
            PeerAddress from = new PeerAddress(STRANGER.host() + i, 1_000);
            Token token = victim.token(from);
            KeyPair keys = KeyPair.fromSeed(KademliaTest.bytes(random));
            Target topic = i % 3 == 0 ? Target.of(keys.publicKey()) : TOPIC;
            victim.ask(from, request(Command.Records.ANNOUNCE, topic, announcement(topic, token, keys), token));
            byte[] value = new byte[900];
            random.nextBytes(value);
            victim.ask(from, request(Command.Records.IMMUTABLE_PUT, Target.hash(value), value, token));
            assertThat(victim.store.announcements()).isLessThanOrEqualTo(4 * 200 + 2);
            assertThat(victim.store.values()).isLessThanOrEqualTo(2 * (20_000 / 900 + 1));
        }
        assertThat(victim.store.announcements()).isGreaterThan(200);
        assertThat(victim.store.values()).isGreaterThan(20);
        // However many there are, a lookup shows 20 in one datagram.
        assertThat(victim.receive(
                        STRANGER, request(Command.Records.LOOKUP, null, null).encode()))
                .singleElement()
                .matches(sent -> sent.datagram().length < 1_100);
    }

    @Test
    void shouldLookAtOnlySoManyWritesOfOneHostWhileOthersAreServed() {
        Victim victim = new Victim(StorageLimits.defaults());
        Token token = victim.token(STRANGER);
        int stored = 0;
        for (int i = 0; i < 2 * WriteBudget.BURST; i++) {
            byte[] value = new CompactEncoder().uint32(i).toBytes();
            stored += victim.ask(STRANGER, request(Command.Records.IMMUTABLE_PUT, Target.hash(value), value, token))
                    .size();
        }
        assertThat(stored).isEqualTo(WriteBudget.BURST);
        assertThat(victim.ask(STRANGER, request(Command.Records.LOOKUP, null, null)))
                .as("it may still ask")
                .hasSize(1);
        PeerAddress other = PeerAddress.parse("10.9.9.8:1234");
        Token others = victim.token(other);
        byte[] value = {1, 2, 3};
        assertThat(victim.ask(other, request(Command.Records.IMMUTABLE_PUT, Target.hash(value), value, others)))
                .hasSize(1);
        victim.nowMs += 1_000;
        stored = 0;
        for (int i = 0; i < 2 * WriteBudget.PER_SECOND; i++) {
            byte[] more = new CompactEncoder().uint32(-1L - i & 0xffffffffL).toBytes();
            stored += victim.ask(STRANGER, request(Command.Records.IMMUTABLE_PUT, Target.hash(more), more, token))
                    .size();
        }
        assertThat(stored).isEqualTo(WriteBudget.PER_SECOND);
    }

    @Test
    void shouldDropDatagramsLongerThanAnyNodeNeeds() {
        Victim victim = new Victim(StorageLimits.defaults());
        Token token = victim.token(STRANGER);
        byte[] value = new byte[DhtNode.MAX_DATAGRAM_BYTES];
        assertThat(victim.ask(STRANGER, request(Command.Records.IMMUTABLE_PUT, Target.hash(value), value, token)))
                .isEmpty();
        assertThat(victim.node.malformed()).isEqualTo(1);
        assertThat(victim.store.values()).isZero();
    }

    @Test
    void shouldAnswerStrangersNoMoreThanAFewHundredBytesAndNeverThrowWhenAnythingComesIn() {
        Victim victim = new Victim(StorageLimits.defaults());
        for (int i = 0; i < 300; i++) {
            PeerAddress node = new PeerAddress(0x0b000000 + i * 7919, 1_000);
            victim.ask(node, new Request(1, VICTIM, node.id(), null, true, Command.PING, null, null));
        }
        assertThat(victim.node.table().size()).isGreaterThan(50);
        List<byte[]> seeds = new ArrayList<>(Vectors.startingWith("re").values());
        List<byte[]> values = new ArrayList<>(Vectors.startingWith("announce.").values());
        values.addAll(Vectors.startingWith("mutable.short").values());
        long seed = 17;
        Random random = new Random(seed);
        for (byte[] value : values) {
            for (int command = 0; command < 12; command++) {
                Token token = random.nextBoolean() ? victim.token(STRANGER) : null;
                seeds.add(request(command, value, token).encode());
                seeds.add(new Request(9, VICTIM, null, token, true, command, TOPIC, value).encode());
            }
        }
        long answered = 0;
        for (int i = 0; i < 60_000; i++) {
            byte[] datagram = seeds.get(random.nextInt(seeds.size())).clone();
            int changes = random.nextInt(4);
            for (int j = 0; j < changes; j++) datagram[random.nextInt(datagram.length)] = (byte) random.nextInt();
            if (random.nextInt(10) == 0)
                datagram = java.util.Arrays.copyOf(datagram, random.nextInt(datagram.length + 9));
            victim.nowMs += random.nextInt(3);
            for (Outgoing sent : victim.receive(STRANGER, datagram)) {
                answered++;
                assertThat(sent.datagram()).as("seed %d, step %d", seed, i).hasSizeLessThan(400);
            }
            if (victim.node.nextWakeMs() <= victim.nowMs) {
                victim.node.wake(victim.nowMs);
                assertThat(victim.sent()).hasSizeLessThan(2_000);
            }
        }
        assertThat(answered).as("seed %d", seed).isGreaterThan(5_000);
        assertThat(victim.node.malformed()).as("seed %d", seed).isGreaterThan(500);
    }

    @Test
    void shouldEndAQueryWhenNodesInventCloserOnesForever() {
        Victim victim = new Victim(StorageLimits.defaults());
        victim.node.addBootstrapNodes(List.of(STRANGER), victim.nowMs);
        victim.sent();
        List<Object> over = new ArrayList<>();
        RecordClient client = new RecordClient(victim.node);
        client.lookup(
                TOPIC,
                result -> {},
                new RecordClient.End() {
                    @Override
                    public void finished(List<PeerAddress> closest) {
                        over.add(closest);
                    }

                    @Override
                    public void failed(Reason reason) {
                        over.add(reason);
                    }
                },
                victim.nowMs);
        Random random = new Random(18);
        int asked = 0;
        for (int i = 0; over.isEmpty(); i++) {
            assertThat(i).as("rounds").isLessThan(100_000);
            for (Outgoing sent : victim.sent()) {
                if (!(Message.decode(sent.datagram()) instanceof Request request)) continue;
                if (request.internal()) continue;
                asked++;
                List<PeerAddress> invented = new ArrayList<>();
                while (invented.size() < 20) invented.add(new PeerAddress(random.nextInt(), 1_000));
                // No id: none of them ever counts as one of the closest, so that every other node stays worth asking.
                Reply reply = new Reply(request.tid(), VICTIM, null, null, invented, 0, null);
                victim.node.receive(LocalSocket.SERVER, sent.to(), reply.encode(), victim.nowMs);
            }
            victim.nowMs += 750;
            victim.node.wake(victim.nowMs);
        }
        assertThat(asked).isBetween(500, Query.MAX_VISITS);
        assertThat(victim.node.queries()).isLessThan(3);
    }

    @Test
    void shouldHoldBackOnlySoManyDelayedAnswers() {
        Victim victim = new Victim(StorageLimits.defaults());
        byte[] delay = new CompactEncoder().uint32(10_000).toBytes();
        for (int i = 0; i < 5_000; i++) {
            victim.ask(STRANGER, new Request(i, VICTIM, null, null, true, Command.DELAYED_PING, null, delay));
        }
        byte[] tooLong = new CompactEncoder().uint32(10_001).toBytes();
        victim.ask(STRANGER, new Request(1, VICTIM, null, null, true, Command.DELAYED_PING, null, tooLong));
        victim.nowMs += 10_000;
        victim.node.wake(victim.nowMs);
        assertThat(victim.sent()).hasSize(1_024);
        victim.ask(STRANGER, new Request(1, VICTIM, null, null, true, Command.DELAYED_PING, null, delay));
        victim.nowMs += 10_000;
        victim.node.wake(victim.nowMs);
        assertThat(victim.sent()).hasSize(1);
    }

    @Test
    void shouldRenewAnAnnouncementForWhomeverShowsWhatHasTheAgreedHash() {
        Victim victim = new Victim(new StorageLimits(100, 60_000, 10, 1_000, 60_000));
        Token token = victim.token(STRANGER);
        Hash secret = new Hash(MessageTest.filled(32, 5));
        Hash agreed = new Hash(Blake2b.hash(secret.bytes()));
        Announcement unsigned = new Announcement(new PeerRecord(KEYS.publicKey(), List.of()), agreed, null, 0);
        Announcement signed =
                RecordSignatures.sign(Purpose.ANNOUNCE, new Addressee(TOPIC, VICTIM.id(), token), unsigned, KEYS);
        victim.ask(STRANGER, request(Command.Records.ANNOUNCE, signed.encode(), token));
        victim.nowMs += 45_000;
        Token later = victim.token(STRANGER);
        byte[] wrong = new Announcement(null, agreed, null, 0).encode();
        assertThat(victim.ask(STRANGER, request(Command.Records.ANNOUNCE, wrong, later)))
                .isEmpty();
        byte[] renewal = new Announcement(null, secret, null, 0).encode();
        assertThat(victim.ask(STRANGER, request(Command.Records.ANNOUNCE, renewal, later)))
                .hasSize(1);
        assertThat(victim.ask(STRANGER, request(Command.Records.ANNOUNCE, renewal, later)))
                .as("each secret is good for once")
                .isEmpty();
        victim.nowMs += 50_000;
        assertThat(victim.store.announcements()).isEqualTo(1);
        Reply found = victim.ask(STRANGER, request(Command.Records.LOOKUP, null, null))
                .getFirst();
        assertThat(found.value()).isNotNull();
    }
}
