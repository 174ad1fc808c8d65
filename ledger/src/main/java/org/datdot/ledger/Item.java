package org.datdot.ledger;

import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/** Any object of the ledger; all share one space of ids. SCALE: a byte for the kind, in the order below, then the object. */
public sealed interface Item permits User, Feed, Plan, Contract, Amendment, StorageChallenge {
    /** How items are written. */
    Codec<Item> CODEC = new Codec<>(Item::write, Item::read);

    /** Its number. */
    long id();

    private static void write(ScaleEncoder encoder, Item item) {
        switch (item) {
            case User user -> User.CODEC.write().accept(encoder.u8(0), user);
            case Feed feed -> Feed.CODEC.write().accept(encoder.u8(1), feed);
            case Plan plan -> Plan.CODEC.write().accept(encoder.u8(2), plan);
            case Contract contract -> Contract.CODEC.write().accept(encoder.u8(3), contract);
            case Amendment amendment -> Amendment.CODEC.write().accept(encoder.u8(4), amendment);
            case StorageChallenge challenge -> StorageChallenge.CODEC.write().accept(encoder.u8(5), challenge);
        }
    }

    private static Item read(ScaleDecoder decoder) {
        int kind = decoder.u8();
        return switch (kind) {
            case 0 -> User.CODEC.read().apply(decoder);
            case 1 -> Feed.CODEC.read().apply(decoder);
            case 2 -> Plan.CODEC.read().apply(decoder);
            case 3 -> Contract.CODEC.read().apply(decoder);
            case 4 -> Amendment.CODEC.read().apply(decoder);
            case 5 -> StorageChallenge.CODEC.read().apply(decoder);
            default -> throw new DecodingException("no item has number " + kind);
        };
    }
}
