package org.datdot.dht;

import org.datdot.crypto.Bytes32;

/** What a node gave out with a reply and wants back with a write: proof that the writer receives at its address. */
final class Token extends Bytes32 {
    Token(byte[] bytes) {
        super(bytes);
    }
}
