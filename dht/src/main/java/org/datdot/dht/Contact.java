package org.datdot.dht;

/** A node in the routing table and what happened between it and us. Times are in ticks of {@link DhtNode}. */
final class Contact {
    final NodeId id;
    final PeerAddress address;

    /** Our own address as it sees it. */
    final PeerAddress seenAs;

    /** When its view of our address was taken into account; 0 for never. */
    long sampled;

    long added;

    /** When we last asked it, or heard from it. */
    long pinged;

    /** When we last heard from it. */
    long seen;

    int downHints;

    Contact(NodeId id, PeerAddress address, PeerAddress seenAs) {
        this.id = id;
        this.address = address;
        this.seenAs = seenAs;
    }
}
