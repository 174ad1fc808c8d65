package org.datdot.dht;

/** A datagram to send. */
@SuppressWarnings("ArrayRecordComponent") // Read only, inside this package.
record Outgoing(SocketKind socket, PeerAddress to, byte[] datagram) {}
