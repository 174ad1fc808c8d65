package org.datdot.udx;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.datdot.udx.SentPacket.State;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a stream: cuts bytes into packets, sends them as the other side and the network allow, and again when
 * they are lost. Losses are found by RACK and tail-loss probes (RFC 8985) and by a timeout, as in libudx. Times in
 * microseconds; packet numbers are 64 bit here and never wrap.
 */
final class Sender {
    static final long OFF = Long.MAX_VALUE;

    /** So many timeouts in a row, without anything acknowledged, and the other side is given up. */
    static final int MAX_TIMEOUTS = 6;

    /** The other side acknowledges at once, but both threads may be busy. */
    private static final long MIN_PROBE_TIMEOUT = 10_000;

    private static final long TRIM_AFTER = 1_000_000;

    private final SendBuffer buffer;
    private final Receiver receiver;
    private final Flight flight;
    private final RoundTrip roundTrip;
    private final DeliveryRate rate = new DeliveryRate();
    private final MtuSearch mtu = new MtuSearch();
    private final Bbr bbr;
    private final Pacer pacer;

    private @Nullable InetSocketAddress remote;
    private int remoteId;
    /** Packets before this one went to where the stream was; -1 when there are none. */
    private long changedAt = -1;

    private @Nullable InetSocketAddress formerRemote;
    private int formerRemoteId;

    private long position;
    private boolean endSent;

    private final PeerWindow window = new PeerWindow();

    private final LossDetection losses;
    private boolean probing;
    private boolean probeAllowed = true;
    private long probeSeq;

    private long timeoutAt = OFF;
    private long tailProbeAt = OFF;
    private long windowProbeAt = OFF;
    private long paceAt = OFF;
    private long trimAt = OFF;
    private boolean heartbeatWanted;
    private boolean tailProbeDue;
    private long retransmissions;

    Sender(UdxOptions options, SendBuffer buffer, Receiver receiver, int localId, long now) {
        this.buffer = buffer;
        this.receiver = receiver;
        flight = new Flight(Integer.toUnsignedLong(options.firstSeq()));
        roundTrip = new RoundTrip(now);
        bbr = new Bbr(now, localId);
        losses = new LossDetection(flight, roundTrip, rate, mtu, bbr);
        pacer = new Pacer(now);
        updateRate();
    }

    void connect(int newRemoteId, InetSocketAddress newRemote) {
        remoteId = newRemoteId;
        remote = newRemote;
        mtu.route(newRemote);
    }

    /** New packets go elsewhere. Returns whether that is all, or {@link #takeRemoteChanged()} tells when. */
    boolean changeRemote(int newRemoteId, InetSocketAddress newRemote) {
        formerRemote = remote;
        formerRemoteId = remoteId;
        connect(newRemoteId, newRemote);
        changedAt = flight.isEmpty() ? -1 : flight.next();
        return flight.isEmpty();
    }

    /** Whether everything sent to the former remote was acknowledged since the last call. */
    boolean takeRemoteChanged() {
        if (changedAt < 0 || flight.base() < changedAt) {
            return false;
        }
        changedAt = -1;
        return true;
    }

    boolean isRemoteChanging() {
        return changedAt >= 0;
    }

    @Nullable
    InetSocketAddress remote() {
        return remote;
    }

    int remoteId() {
        return remoteId;
    }

    int nextSeq() {
        return (int) flight.next();
    }

    int mtu() {
        return mtu.mtu();
    }

    int maxPayloadBytes() {
        return mtu.maxPayloadBytes();
    }

    RoundTrip roundTrip() {
        return roundTrip;
    }

    Bbr congestion() {
        return bbr;
    }

    long retransmissions() {
        return retransmissions;
    }

    /** Whether all was acknowledged, the end included. */
    boolean isEndAcked() {
        return endSent && flight.isEmpty();
    }

    /** Whether all bytes were acknowledged, and only that they have ended was not. */
    boolean isOnlyEndMissing() {
        SentPacket last = flight.get(flight.next() - 1);
        return endSent && flight.next() - flight.base() == 1 && last != null && last.end && last.payloadBytes == 0;
    }

    boolean isTimedOut() {
        return losses.timeouts() > MAX_TIMEOUTS;
    }

    /** Whether nothing was sent that is not acknowledged: when keep-alives are due. */
    boolean isIdle() {
        return flight.isEmpty();
    }

    /** A heartbeat goes out with the next flush. */
    void wantHeartbeat() {
        heartbeatWanted = true;
    }

    /** The 64 bit number that was meant by 32 of them. */
    long extend(int seq) {
        return flight.base() + (seq - (int) flight.base());
    }

    /** Whether a packet can acknowledge this: what was never sent, or is long gone, comes from somebody else. */
    boolean isPlausible(long ack) {
        return ack <= flight.next() && ack >= flight.base() - Flight.MAX_PACKETS;
    }

    /** Takes what a packet acknowledges. */
    void onAck(UdxPacket packet, long seq, long ack, long now) {
        if (ack >= flight.base()) {
            window.update(packet, seq, ack);
            if (!window.isClosed()) {
                windowProbeAt = OFF;
            }
        }
        if (flight.isEmpty()) {
            probeWindowIfClosed(now);
            return;
        }
        rate.begin();
        for (long s = flight.base(); s < ack; s++) {
            SentPacket sent = flight.get(s);
            if (sent == null) {
                losses.onSackedPassed();
            } else {
                onDelivered(sent, now);
            }
        }
        flight.advance(Math.max(flight.base(), ack));
        takeRanges(packet, now);
        losses.endRecovery();
        if (rate.newlyDelivered() > 0) {
            losses.onProgress();
            buffer.release(flight.isEmpty() ? position : flight.position());
            armAfterDelivery(now);
            probing &= !losses.detect(now);
        }
        rate.finish(now, roundTrip.min());
        bbr.onAck(rate, flight.inFlight(), roundTrip.smoothed(), now);
        updateRate();
    }

    private void takeRanges(UdxPacket packet, long now) {
        long from = flight.base();
        for (int i = 0; i < packet.sackRanges(); i++) {
            long start = extend(packet.sackStart(i));
            long end = extend(packet.sackEnd(i));
            // In order and without overlaps: a peer cannot make this walk twice over the same packets.
            if (start < from || start >= end || end > flight.next()) {
                continue;
            }
            for (long s = start; s < end; s++) {
                SentPacket sent = flight.get(s);
                if (sent != null) {
                    onDelivered(sent, now);
                    losses.onSacked();
                }
            }
            from = end;
        }
    }

    private void onDelivered(SentPacket packet, long now) {
        flight.move(packet, State.NONE);
        rate.onDelivered(packet);
        int payloadBytes = mtu.maxPayloadBytes();
        mtu.onDelivered(packet);
        if (mtu.maxPayloadBytes() != payloadBytes) {
            bbr.onLength((double) payloadBytes / mtu.maxPayloadBytes());
        }
        long rtt = roundTrip.clamp(now - packet.sentAt);
        if (!packet.retransmitted) {
            roundTrip.add(rtt, now);
            probeAllowed = true;
        }
        boolean certain = !packet.retransmitted || rtt >= roundTrip.min();
        if (certain) {
            rate.onRoundTrip(rtt);
        }
        losses.onDelivered(packet, rtt, certain);
        if (probing && packet.seq >= probeSeq) {
            probing = false;
        }
    }

    private void armAfterDelivery(long now) {
        tailProbeAt = OFF;
        tailProbeDue = false;
        if (flight.isEmpty()) {
            timeoutAt = OFF;
            losses.stop();
            trimAt = now + TRIM_AFTER;
            probeWindowIfClosed(now);
        } else {
            timeoutAt = now + roundTrip.timeout();
            armTailProbe(now);
        }
    }

    private void probeWindowIfClosed(long now) {
        if (window.isClosed() && windowProbeAt == OFF && hasUnsent()) {
            windowProbeAt = now + roundTrip.timeout();
        }
    }

    private void armTailProbe(long now) {
        if (!losses.isAllWell()) {
            return;
        }
        long after =
                roundTrip.isMeasured() ? Math.max(2 * roundTrip.smoothed(), MIN_PROBE_TIMEOUT) : RoundTrip.MIN_TIMEOUT;
        tailProbeAt = Math.min(now + after, timeoutAt);
    }

    /** The earliest time at which {@link #onTimers} has something to do. */
    long wakeAt() {
        long at = Math.min(Math.min(timeoutAt, tailProbeAt), Math.min(losses.wakeAt(), windowProbeAt));
        return Math.min(at, Math.min(paceAt, trimAt));
    }

    void onTimers(long now) {
        if (losses.wakeAt() <= now) {
            probing &= !losses.detect(now);
        }
        if (tailProbeAt <= now) {
            tailProbeAt = OFF;
            tailProbeDue = !probing && probeAllowed && !flight.isEmpty();
        }
        if (timeoutAt <= now) {
            onTimeout(now);
        }
        if (windowProbeAt <= now) {
            heartbeatWanted = true;
            windowProbeAt = now + 2 * roundTrip.timeout();
        }
        if (paceAt <= now) {
            paceAt = OFF;
        }
        if (trimAt <= now) {
            trimAt = OFF;
            if (flight.isEmpty()) {
                buffer.trim();
                flight.trim();
            }
        }
    }

    private void onTimeout(long now) {
        probing = false;
        tailProbeDue = false;
        tailProbeAt = OFF;
        timeoutAt = now + 2 * roundTrip.timeout();
        losses.onTimeout(now);
    }

    /** Sends what may be sent. Returns whether anything with an acknowledgement went out. */
    boolean flush(PacketSink sink, long now) {
        InetSocketAddress to = remote;
        if (to == null) {
            return false;
        }
        boolean sent = false;
        while (flight.lost() > 0 && sink.ready() && maySend(now, bbr.window())) {
            sent = true;
            retransmit(sink, now);
        }
        if (tailProbeDue && sink.ready()) {
            tailProbeDue = false;
            sent |= sendTailProbe(sink, to, now);
        }
        int most = windowPackets();
        while (sink.ready() && maySend(now, Math.min(bbr.window(), most)) && flight.next() - flight.base() < most) {
            if (!sendNew(sink, to, now)) {
                break;
            }
            sent = true;
        }
        if (heartbeatWanted && sink.ready()) {
            heartbeatWanted = false;
            ByteBuffer packet = sink.begin(to, UdxPacket.HEADER_BYTES);
            putHeader(packet, UdxPacket.HEARTBEAT, 0, remoteId, flight.next());
            sink.end();
        }
        afterFlush(sink, now);
        return sent;
    }

    private void afterFlush(PacketSink sink, long now) {
        boolean unsent = hasUnsent();
        int inFlight = flight.inFlight();
        if (inFlight < bbr.window() && flight.lost() == 0) {
            if (!unsent || inFlight >= windowPackets()) {
                rate.onAppLimited(inFlight);
            }
        }
        paceAt = OFF;
        if (sink.ready() && (unsent || flight.lost() > 0) && inFlight < bbr.window() && !pacer.allows(now)) {
            paceAt = pacer.nextAt(now);
        }
        if (unsent && window.isClosed() && flight.isEmpty() && windowProbeAt == OFF) {
            windowProbeAt = now;
        }
    }

    private boolean maySend(long now, int most) {
        return flight.inFlight() < most && pacer.allows(now);
    }

    private int windowPackets() {
        return window.packets(mtu.maxPayloadBytes());
    }

    private boolean hasUnsent() {
        return buffer.tail() > position || (buffer.isEnded() && !endSent);
    }

    private boolean sendNew(PacketSink sink, InetSocketAddress to, long now) {
        // Read in this order: bytes are final once the end is set.
        boolean ended = buffer.isEnded();
        long unsent = buffer.tail() - position;
        if (flight.isFull() || (unsent == 0 && (!ended || endSent))) {
            return false;
        }
        boolean first = flight.isEmpty();
        SentPacket packet = flight.add();
        packet.position = position;
        packet.payloadBytes = (int) Math.min(unsent, mtu.maxPayloadBytes());
        // For itself: when its acknowledgement is the one that got lost, all bytes are known to have arrived.
        packet.end = ended && unsent == 0;
        packet.to = to;
        packet.remoteId = remoteId;
        packet.paddingBytes = tailProbeAllowsPadding() ? mtu.padding(packet.payloadBytes) : 0;
        position += packet.payloadBytes;
        endSent |= packet.end;
        transmit(packet, first, sink, now);
        armTailProbe(now);
        return true;
    }

    private boolean tailProbeAllowsPadding() {
        return changedAt < 0 && !probing;
    }

    private void retransmit(PacketSink sink, long now) {
        SentPacket packet = flight.oldestLost();
        if (packet != null) {
            packet.retransmitted = true;
            retransmissions++;
            if (packet.seq < changedAt) {
                chooseWay(packet);
            }
            transmit(packet, false, sink, now);
        }
    }

    /**
     * What got lost on the former way goes the new one, since the former may be gone, for instance with a relay (libudx repeats
     * it on the former until the stream dies of it). A packet that may be too long for the new way takes turns.
     */
    private void chooseWay(SentPacket packet) {
        boolean back = packet.payloadBytes > mtu.maxPayloadBytes() && Objects.equals(packet.to, remote);
        packet.to = back ? formerRemote : remote;
        packet.remoteId = back ? formerRemoteId : remoteId;
    }

    /** RFC 8985, 7.3: something new beyond the window, or else the last packet again. */
    private boolean sendTailProbe(PacketSink sink, InetSocketAddress to, long now) {
        if (flight.isEmpty()) {
            return false;
        }
        probing = true;
        probeAllowed = false;
        if (!window.isClosed() && sendNew(sink, to, now)) {
            probeSeq = flight.next() - 1;
        } else {
            SentPacket last = flight.get(flight.next() - 1);
            if (last == null || last.state != State.IN_FLIGHT) {
                probing = false;
                return false;
            }
            probeSeq = last.seq;
            last.retransmitted = true;
            retransmissions++;
            if (last.seq < changedAt) {
                chooseWay(last);
            }
            transmit(last, false, sink, now);
        }
        tailProbeAt = OFF;
        timeoutAt = now + roundTrip.timeout();
        return true;
    }

    private void transmit(SentPacket packet, boolean first, PacketSink sink, long now) {
        InetSocketAddress to = packet.to;
        if (to == null) {
            throw new IllegalStateException("packet without a destination");
        }
        boolean idle = flight.inFlight() == 0;
        packet.sentAt = now;
        rate.onSent(packet, first, now);
        flight.move(packet, State.IN_FLIGHT);
        ByteBuffer target = sink.begin(to, packet.datagramBytes());
        int type = (packet.payloadBytes > 0 ? UdxPacket.DATA : 0) | (packet.end ? UdxPacket.END : 0);
        putHeader(target, type, packet.paddingBytes, packet.remoteId, packet.seq);
        for (int i = 0; i < packet.paddingBytes; i++) {
            target.put((byte) 0);
        }
        buffer.read(packet.position, packet.payloadBytes, target);
        sink.end();
        pacer.onSent(packet.datagramBytes());
        if (idle) {
            bbr.onRestart(rate.isAppLimited(), now);
            updateRate();
        }
        if (timeoutAt == OFF) {
            timeoutAt = now + roundTrip.timeout();
        }
    }

    /** Puts a header with what the receiving half has to say. */
    void putHeader(ByteBuffer target, int type, int offset, int toId, long seq) {
        UdxPacket.putHeader(target, type, offset, toId, receiver.window(), (int) seq, (int) receiver.ack());
    }

    private void updateRate() {
        pacer.rate(bbr.pacingRate() * (mtu.maxPayloadBytes() + UdxPacket.HEADER_BYTES));
        // What lies between the oldest packet that is missing and the newest takes room as well while losses are
        // mended.
        long onTheWay = flight.isEmpty() ? 0 : position - flight.position();
        buffer.window(Math.max(onTheWay, Math.min(window.bytes(), (long) bbr.window() * mtu.maxPayloadBytes())));
    }
}
