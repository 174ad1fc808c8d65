package org.datdot.chain;

/** A node that is on the disk. */
final class StoredNode implements TrieLink {
    private final long id;
    private final byte[] reference;

    /**
     * A node by what its parent has of it.
     *
     * @param id its number on the disk; no other node ever has it
     * @param reference what the parent's bytes have of it, and so what its own must hash to
     */
    StoredNode(long id, byte[] reference) {
        this.id = id;
        this.reference = reference;
    }

    /** Its number on the disk. */
    long id() {
        return id;
    }

    @Override
    public byte[] reference() {
        return reference;
    }

    @Override
    public TrieNode node(TrieNodes nodes) {
        return nodes.load(this);
    }
}
