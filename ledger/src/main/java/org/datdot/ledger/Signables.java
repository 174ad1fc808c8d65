package org.datdot.ledger;

import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleEncoder;

/** The bytes under a signature: what it is for, on which network, and then the content (docs/protocol.md 2). */
final class Signables {
    private Signables() {}

    static byte[] of(String context, Hash genesis, byte[] content) {
        return new ScaleEncoder()
                .string("datdot/v1/" + context)
                .fixed(genesis.bytes())
                .fixed(content)
                .toBytes();
    }
}
