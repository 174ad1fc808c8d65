package org.datdot.udx;

import java.net.Inet4Address;
import java.net.InetSocketAddress;

/** Finds how long packets may be, by padding some of them (RFC 8899 with libudx's steps). Sizes are those of IP packets. */
final class MtuSearch {
    static final int BASE = 1200;
    static final int MAX = 1500;
    static final int STEP = 32;
    static final int MAX_PROBES = 3;

    private static final int IPV4_HEADERS = 20 + 8;
    private static final int IPV6_HEADERS = 40 + 8;

    private int mtu;
    private int probeSize;
    private int probes;
    private boolean started;
    private boolean wanted;
    private boolean complete;
    private int ipHeaders = IPV4_HEADERS;

    MtuSearch() {
        reset();
    }

    /** The stream goes somewhere. */
    void route(InetSocketAddress to) {
        ipHeaders = to.getAddress() instanceof Inet4Address ? IPV4_HEADERS : IPV6_HEADERS;
        reset();
    }

    private void reset() {
        mtu = BASE;
        probeSize = BASE + STEP;
        probes = 0;
        started = false;
        wanted = false;
        complete = false;
    }

    int mtu() {
        return mtu;
    }

    /** The longest payload of a packet. */
    int maxPayloadBytes() {
        return mtu - ipHeaders - UdxPacket.HEADER_BYTES;
    }

    /** The padding which makes a new packet a probe, 0 when none is wanted or the packet is too short. */
    int padding(int payloadBytes) {
        if (!wanted || payloadBytes == 0) {
            return 0;
        }
        int padding = probeSize - ipHeaders - UdxPacket.HEADER_BYTES - payloadBytes;
        if (padding <= 0 || padding > UdxPacket.MAX_PADDING_BYTES) {
            return 0;
        }
        wanted = false;
        probes++;
        return padding;
    }

    /** A packet arrived, with padding or without. */
    void onDelivered(SentPacket packet) {
        if (complete) {
            return;
        }
        if (!started) {
            started = true;
            wanted = true;
        } else if (packet.paddingBytes > 0 && probes > 0) {
            int size = packet.datagramBytes() + ipHeaders;
            if (size > mtu && size <= probeSize) {
                mtu = size;
                probes = 0;
                complete = mtu >= MAX;
                probeSize = Math.min(mtu + STEP, MAX);
                wanted = !complete;
            }
        }
    }

    /** A probe did not arrive: its packet goes again without the padding. */
    void onProbeLost() {
        if (complete) {
            return;
        }
        if (probes >= MAX_PROBES) {
            complete = true;
            wanted = false;
        } else {
            wanted = true;
        }
    }
}
