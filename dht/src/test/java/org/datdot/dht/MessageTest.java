package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.datdot.dht.Message.Reply;
import org.datdot.dht.Message.Request;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;

/** The datagrams of the stock dht-rpc: interop/node/dht-vectors.js. */
class MessageTest {
    static final PeerAddress OWN = PeerAddress.parse("10.1.2.3:49737");
    static final PeerAddress OTHER = PeerAddress.parse("127.0.0.1:65535");
    private static final Target TARGET = new Target(filled(32, 7));

    @Test
    void shouldGiveANodeTheIdOfItsAddress() {
        assertThat(OWN.id().bytes()).isEqualTo(Vectors.of("id"));
        assertThat(OTHER.id().bytes()).isEqualTo(Vectors.of("idOther"));
    }

    @Test
    void shouldWriteTheRequestsOfTheStockPackage() {
        NodeId id = OWN.id();
        Token token = new Token(filled(32, 9));
        check("ping", new Request(1, OTHER, null, null, true, 0, null, null));
        check("pingAsPersistent", new Request(65_535, OTHER, id, null, true, 0, null, null));
        check("pingNat", new Request(1, OTHER, null, null, true, 1, null, new byte[] {0x49, (byte) 0xc2}));
        check("findNode", new Request(1, OTHER, null, null, true, 2, TARGET, null));
        CompactEncoder down = new CompactEncoder();
        OTHER.encode(down);
        check("downHint", new Request(1, OTHER, null, null, true, 3, null, down.toBytes()));
        byte[] delay = new CompactEncoder().uint32(10_000).toBytes();
        check("delayedPing", new Request(1, OTHER, null, null, true, 4, null, delay));
        check("lookup", new Request(256, OTHER, null, null, false, 3, TARGET, null));
        check("announce", new Request(513, OTHER, id, token, false, 4, TARGET, filled(300, 5)));
        check("emptyValue", new Request(1, OTHER, null, null, false, 8, TARGET, new byte[0]));
        check("largeCommand", new Request(1, OTHER, null, null, false, 70_000, null, null));
    }

    private static void check(String name, Request request) {
        byte[] expected = Vectors.of("request." + name);
        assertThat(request.encode()).as(name).isEqualTo(expected);
        assertThat(Message.decode(expected)).as(name).usingRecursiveComparison().isEqualTo(request);
    }

    @Test
    void shouldWriteTheRepliesOfTheStockPackage() {
        RoutingTable table = neighbours();
        NodeId id = OWN.id();
        Token token = new Token(Vectors.of("token.current"));
        List<PeerAddress> closer = table.closest(Target.of(id), 20).stream()
                .map(contact -> contact.address)
                .toList();
        check("ping", new Reply(770, OTHER, null, null, List.of(), 0, null));
        check("findNode", new Reply(770, OTHER, id, null, closer, 0, null));
        check(
                "value",
                new Reply(
                        770,
                        OTHER,
                        id,
                        token,
                        closer,
                        0,
                        "a value".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        check("emptyValue", new Reply(770, OTHER, id, token, closer, 0, new byte[0]));
        check("error", new Reply(770, OTHER, null, null, closer, 1, null));
        check("invalidToken", new Reply(770, OTHER, id, token, closer, 2, null));
        check("seqTooLow", new Reply(770, OTHER, id, null, closer, 17, null));
    }

    private static void check(String name, Reply reply) {
        byte[] expected = Vectors.of("reply." + name);
        assertThat(reply.encode()).as(name).isEqualTo(expected);
        assertThat(Message.decode(expected)).as(name).usingRecursiveComparison().isEqualTo(reply);
    }

    @Test
    void shouldRefuseEveryMessageThatIsCutShort() {
        for (String kind : List.of("request.", "reply.")) {
            Vectors.startingWith(kind).forEach((name, datagram) -> {
                for (int length = 1; length < datagram.length; length++) {
                    byte[] cut = Arrays.copyOf(datagram, length);
                    assertThatThrownBy(() -> Message.decode(cut))
                            .as("%s cut to %d bytes", name, length)
                            .isInstanceOf(DecodingException.class);
                }
            });
        }
    }

    @Test
    void shouldNeverFailInAnotherWayThanNamedWhenBytesAreChanged() {
        long seed = 11;
        Random random = new Random(seed);
        List<byte[]> datagrams = List.copyOf(Vectors.startingWith("re").values());
        int refused = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] datagram = datagrams.get(random.nextInt(datagrams.size())).clone();
            for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
                datagram[random.nextInt(1, datagram.length)] = (byte) random.nextInt();
            }
            try {
                Message message = Message.decode(datagram);
                if (message instanceof Reply reply) {
                    assertThat(reply.closerNodes())
                            .as("seed %d, step %d", seed, i)
                            .hasSizeLessThanOrEqualTo(20);
                }
            } catch (DecodingException e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isBetween(1_000, 99_000);
    }

    @Test
    void shouldKeepTheFirstTwentyWhenAReplyNamesMoreNodes() {
        Reply reply = new Reply(1, OWN, null, null, List.of(), 5, null);
        byte[] plain = reply.encode();
        CompactEncoder long1 =
                new CompactEncoder().raw(plain, 0, plain.length - 1).uint(300);
        for (int i = 0; i < 300; i++) new PeerAddress(i, i).encode(long1);
        byte[] datagram = long1.uint(5).toBytes();
        datagram[1] |= 4;
        Reply decoded = (Reply) Message.decode(datagram);
        assertThat(decoded.closerNodes())
                .hasSize(20)
                .startsWith(new PeerAddress(0, 0))
                .endsWith(new PeerAddress(19, 19));
        assertThat(decoded.error()).isEqualTo(5);
    }

    @Test
    void shouldReadAddressesAsPeopleWriteThem() {
        assertThat(PeerAddress.parse("255.0.9.1:65535")).hasToString("255.0.9.1:65535");
        assertThat(PeerAddress.of(OWN.toSocketAddress())).isEqualTo(OWN);
        for (String wrong : List.of(
                "", "1.2.3:4", "1.2.3.4", "1.2.3.256:1", "1.2.3.4:65536", "1.2.3.4:-1", "1.2..4:1", "a.b.c.d:1")) {
            assertThatThrownBy(() -> PeerAddress.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldReadBootstrapNodesAsTheStockPackageWritesThem() {
        assertThat(BootstrapNode.parse("88.99.3.86@node1.hyperdht.org:49737"))
                .isEqualTo(new BootstrapNode(PeerAddress.parse("88.99.3.86:49737"), "node1.hyperdht.org", 49_737));
        assertThat(BootstrapNode.parse("1.2.3.4:5")).isEqualTo(BootstrapNode.at(PeerAddress.parse("1.2.3.4:5")));
        assertThat(BootstrapNode.parse("a.example:5")).isEqualTo(new BootstrapNode(null, "a.example", 5));
        for (String wrong : List.of("", "1.2.3.4", "1.2.3.4:", ":5", "host:65536", "1.2.3@host:5")) {
            assertThatThrownBy(() -> BootstrapNode.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** The table of the node that the vectors are from. */
    static RoutingTable neighbours() {
        RoutingTable table = new RoutingTable(OWN.id());
        for (int i = 0; i < 25; i++) {
            PeerAddress address = PeerAddress.parse("192.168." + i + "." + (255 - i) + ":" + (1000 + i));
            table.add(new Contact(address.id(), address, OWN));
        }
        return table;
    }

    static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
