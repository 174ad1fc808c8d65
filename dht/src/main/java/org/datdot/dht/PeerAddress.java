package org.datdot.dht;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 address and a UDP port; the DHT knows no IPv6. On the wire 6 bytes: the address and the port in little-endian order
 * (npm {@code dht-rpc}, {@code lib/peer.js}).
 *
 * @param host the address as a big-endian number
 * @param port 0 to 65,535; 0 for a port that is not known
 */
public record PeerAddress(int host, int port) {
    static final int BYTES = 6;

    /** Refuses ports there are not. */
    public PeerAddress {
        if (port < 0 || port > 65_535) throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
    }

    /**
     * Reads {@code 1.2.3.4:5678}.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static PeerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String[] parts = colon < 0 ? new String[0] : text.substring(0, colon).split("\\.", -1);
        if (parts.length != 4)
            throw new IllegalArgumentException("expected an address like 1.2.3.4:5678, found " + text);
        int host = 0;
        for (String part : parts) host = host << 8 | number(part, 255, text);
        return new PeerAddress(host, number(text.substring(colon + 1), 65_535, text));
    }

    /**
     * The address of a resolved IPv4 socket address.
     *
     * @throws IllegalArgumentException when it is unresolved or IPv6
     */
    public static PeerAddress of(InetSocketAddress address) {
        if (!(address.getAddress() instanceof Inet4Address inet)) {
            throw new IllegalArgumentException("expected an IPv4 address, found " + address);
        }
        byte[] bytes = inet.getAddress();
        int host = (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
        return new PeerAddress(host, address.getPort());
    }

    /** The same as a socket address. */
    public InetSocketAddress toSocketAddress() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(hostBytes()), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are always an address", e);
        }
    }

    /** The id a node at this address has: BLAKE2b of the 6 bytes. */
    public NodeId id() {
        byte[] bytes = new byte[BYTES];
        new CompactEncoder(BYTES).fixed(hostBytes()).uint16(port).copyTo(bytes, 0);
        return new NodeId(Blake2b.hash(bytes));
    }

    /** An id a node at this address claims to have, if that is so. */
    @Nullable
    NodeId confirm(@Nullable NodeId claimed) {
        return claimed != null && claimed.equals(id()) ? claimed : null;
    }

    /** The address alone, like {@code 1.2.3.4}. */
    public String hostText() {
        return (host >>> 24) + "." + (host >>> 16 & 0xff) + "." + (host >>> 8 & 0xff) + "." + (host & 0xff);
    }

    /** Whether it is inside some private network, or on this machine (npm {@code bogon}, {@code isPrivate}). */
    boolean isPrivate() {
        int first = host >>> 24;
        int second = host >>> 16 & 0xff;
        return switch (first) {
            case 10, 127 -> true;
            case 100 -> second >= 64 && second <= 127;
            case 169 -> second == 254;
            case 172 -> second >= 16 && second <= 31;
            case 192 -> second == 168;
            default -> false;
        };
    }

    /** Whether no host has it (npm {@code bogon}, {@code isReserved}). */
    boolean isReserved() {
        int first = host >>> 24;
        int network = host >>> 8;
        return first == 0
                || first >= 224
                || network == 0xc00000
                || network == 0xc00002
                || host >>> 17 == 0xc612 >>> 1
                || network == 0xc63364
                || network == 0xcb0071;
    }

    void encode(CompactEncoder encoder) {
        encoder.fixed(hostBytes()).uint16(port);
    }

    static PeerAddress decode(CompactDecoder decoder) {
        int host = decoder.uint8() << 24 | decoder.uint8() << 16 | decoder.uint8() << 8 | decoder.uint8();
        return new PeerAddress(host, decoder.uint16());
    }

    static void encodeAll(List<PeerAddress> addresses, CompactEncoder encoder) {
        encoder.uint(addresses.size());
        for (PeerAddress address : addresses) address.encode(encoder);
    }

    static List<PeerAddress> decodeAll(CompactDecoder decoder) {
        int count = decoder.count(BYTES);
        List<PeerAddress> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) addresses.add(decode(decoder));
        return addresses;
    }

    private byte[] hostBytes() {
        return new byte[] {(byte) (host >>> 24), (byte) (host >>> 16), (byte) (host >>> 8), (byte) host};
    }

    private static int number(String digits, int max, String text) {
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("expected an address like 1.2.3.4:5678, found " + text);
        }
        int value = Integer.parseInt(digits);
        if (value > max) throw new IllegalArgumentException("expected a number up to " + max + " in " + text);
        return value;
    }

    @Override
    public String toString() {
        return hostText() + ":" + port;
    }
}
