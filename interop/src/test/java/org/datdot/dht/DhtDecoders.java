package org.datdot.dht;

import static org.datdot.interop.Rendering.fields;
import static org.datdot.interop.Rendering.hex;
import static org.datdot.interop.Rendering.list;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/** Lets interop's FuzzTest reach the decoders of this package; the values come back as text. */
public final class DhtDecoders {
    private DhtDecoders() {}

    /** The decoders by the names which interop/node/fuzz.js has for the stock ones. */
    public static Map<String, Function<byte[], String>> all() {
        Map<String, Function<byte[], String>> all = new LinkedHashMap<>();
        all.put("dhtMessage", bytes -> {
            if (!Message.isMessage(bytes)) throw new DecodingException("no message");
            return render(Message.decode(bytes));
        });
        all.put("dhtHandshake", bytes -> {
            HandshakeMessage m = HandshakeMessage.decode(bytes);
            return fields(m.mode().code(), hex(m.noise()), address(m.peerAddress()), address(m.relayAddress()));
        });
        all.put("dhtHolepunch", bytes -> {
            HolepunchMessage m = HolepunchMessage.decode(bytes);
            return fields(m.mode().code(), m.id(), hex(m.payload()), address(m.peerAddress()));
        });
        all.put("dhtHolepunchPayload", bytes -> {
            HolepunchPayload m = HolepunchPayload.decode(bytes);
            List<PeerAddress> addresses = m.addresses();
            return fields(
                    m.error(),
                    m.firewall().code(),
                    m.round(),
                    m.connected(),
                    m.punching(),
                    addresses == null ? null : addresses(addresses),
                    address(m.remoteAddress()),
                    hex(m.token()),
                    hex(m.remoteToken()));
        });
        all.put("dhtNoisePayload", bytes -> render(NoisePayload.decode(bytes)));
        all.put("dhtPeer", bytes -> record(PeerRecord.decode(new CompactDecoder(bytes))));
        all.put("dhtLookupReply", bytes -> {
            LookupReply m = LookupReply.decode(bytes);
            return fields(list(m.peers(), DhtDecoders::record), m.bump());
        });
        all.put("dhtAnnounce", bytes -> {
            Announcement m = Announcement.decode(bytes);
            PeerRecord peer = m.peer();
            return fields(
                    peer == null ? null : record(peer),
                    m.refresh() == null ? null : hex(m.refresh().bytes()),
                    m.signature() == null ? null : hex(m.signature().bytes()),
                    m.bump());
        });
        all.put("dhtMutable", bytes -> {
            MutableValue m = MutableValue.decode(new CompactDecoder(bytes));
            return fields(m.seq(), hex(m.value()), hex(m.signature().bytes()));
        });
        return all;
    }

    private static @Nullable String address(@Nullable PeerAddress address) {
        return address == null ? null : address.toString();
    }

    private static String addresses(List<PeerAddress> addresses) {
        return list(addresses, PeerAddress::toString);
    }

    private static String record(PeerRecord record) {
        return fields(hex(record.publicKey().bytes()), addresses(record.relayAddresses()));
    }

    private static String render(Message message) {
        return switch (message) {
            case Message.Request m ->
                fields(
                        m.tid(),
                        address(m.to()),
                        m.id() == null ? null : hex(m.id().bytes()),
                        m.token() == null ? null : hex(m.token().bytes()),
                        m.internal(),
                        m.command(),
                        m.target() == null ? null : hex(m.target().bytes()),
                        hex(m.value()));
            case Message.Reply m ->
                fields(
                        m.tid(),
                        address(m.to()),
                        m.id() == null ? null : hex(m.id().bytes()),
                        m.token() == null ? null : hex(m.token().bytes()),
                        addresses(m.closerNodes()),
                        m.error(),
                        hex(m.value()));
        };
    }

    private static String render(NoisePayload m) {
        NoisePayload.Holepunch punch = m.holepunch();
        NoisePayload.Udx udx = m.udx();
        NoisePayload.RelayThrough through = m.relayThrough();
        return fields(
                m.version(),
                m.error(),
                m.firewall().code(),
                punch == null
                        ? null
                        : fields(
                                punch.id(),
                                list(punch.relays(), r -> fields(address(r.relayAddress()), address(r.peerAddress())))),
                addresses(m.addresses4()),
                udx == null ? null : fields(udx.reusableSocket(), udx.id(), udx.seq()),
                m.secretStream(),
                through == null ? null : fields(hex(through.publicKey().bytes()), hex(through.token())),
                addresses(m.relayAddresses()));
    }
}
