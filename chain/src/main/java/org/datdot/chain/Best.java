package org.datdot.chain;

/**
 * A header and the state after its block.
 *
 * @param head whose state root is that of the state
 */
record Best(Header head, StateTrie state) {}
