package org.datdot.dht;

import java.net.InetSocketAddress;
import org.datdot.udx.UdxSocket;
import org.datdot.udx.UdxStream;
import org.datdot.wire.NoiseSession;

/**
 * A peer that was connected to by its key, or connected itself.
 *
 * @param stream to it; what it sends comes to the listener that was made for it
 * @param socket through which it was connected
 * @param session what the handshake gave: the peer's key, and keys for a secret stream, which begins with its header
 * @param address where the peer was when the stream was connected
 */
public record Peer(UdxStream stream, UdxSocket socket, NoiseSession session, InetSocketAddress address) {}
