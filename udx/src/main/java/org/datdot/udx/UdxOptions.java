package org.datdot.udx;

/**
 * How a stream uses memory and time.
 *
 * @param receiveWindowBytes what the other side may send beyond what the owner has taken
 * @param sendBufferBytes what {@code write} keeps at most, sent and not acknowledged included; a power of two
 * @param keepAliveMs after how much silence a heartbeat is sent; 0 for never
 * @param firstSeq the number of the first packet to send
 * @param firstAck the number of the first packet to receive
 * @param lingerMs how long an ended stream still acknowledges what the other side repeats; libudx does not
 */
public record UdxOptions(
        int receiveWindowBytes, int sendBufferBytes, int keepAliveMs, int firstSeq, int firstAck, int lingerMs) {
    /** Checks the values. */
    public UdxOptions {
        if (receiveWindowBytes < 2048
                || sendBufferBytes < 1 << 16
                || Integer.bitCount(sendBufferBytes) != 1
                || keepAliveMs < 0
                || lingerMs < 0) {
            throw new IllegalArgumentException("receiveWindowBytes at least 2048, sendBufferBytes a power of two from "
                    + "65536 on, times not negative");
        }
    }

    /** The stock window of 4 MiB, 8 MiB to send, no keep-alive. */
    public static UdxOptions defaults() {
        return new UdxOptions(4 << 20, 8 << 20, 0, 0, 0, 5_000);
    }

    /** With another receive window. */
    public UdxOptions withReceiveWindowBytes(int bytes) {
        return new UdxOptions(bytes, sendBufferBytes, keepAliveMs, firstSeq, firstAck, lingerMs);
    }

    /** With another bound of the send buffer. */
    public UdxOptions withSendBufferBytes(int bytes) {
        return new UdxOptions(receiveWindowBytes, bytes, keepAliveMs, firstSeq, firstAck, lingerMs);
    }

    /** With a keep-alive. */
    public UdxOptions withKeepAliveMs(int ms) {
        return new UdxOptions(receiveWindowBytes, sendBufferBytes, ms, firstSeq, firstAck, lingerMs);
    }

    /** With other first numbers. */
    public UdxOptions withFirst(int seq, int ack) {
        return new UdxOptions(receiveWindowBytes, sendBufferBytes, keepAliveMs, seq, ack, lingerMs);
    }
}
