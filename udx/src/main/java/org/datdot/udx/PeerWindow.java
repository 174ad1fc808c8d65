package org.datdot.udx;

/** What the other side said it can take, by its newest packet: libudx's and TCP's rule of SND.WL1 and SND.WL2. */
final class PeerWindow {
    private long bytes = UdxOptions.defaults().receiveWindowBytes();
    private long seq = -1;
    private long ack = -1;

    /** A packet says something, unless an older one that came later. */
    void update(UdxPacket packet, long packetSeq, long packetAck) {
        if (seq < packetSeq || (seq == packetSeq && ack <= packetAck)) {
            bytes = packet.windowBytes();
            seq = packetSeq;
            ack = packetAck;
        }
    }

    long bytes() {
        return bytes;
    }

    boolean isClosed() {
        return bytes == 0;
    }

    /** How many packets of a length may be on their way: one if there is any room. */
    int packets(int payloadBytes) {
        return isClosed() ? 0 : Math.clamp(bytes / payloadBytes, 1, Flight.MAX_PACKETS);
    }
}
