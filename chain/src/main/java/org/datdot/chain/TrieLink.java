package org.datdot.chain;

/** What a parent has of a node of {@link StateTrie}: the node itself while it is new, or where it is stored. */
sealed interface TrieLink permits TrieNode, StoredNode {
    /** What the parent's bytes have of it. */
    byte[] reference();

    /** The node, read where it is stored. */
    TrieNode node(TrieNodes nodes);
}
