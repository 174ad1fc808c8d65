package org.datdot.ledger;

/** The ledger's state for who changes it. Values are kept as they are given: arrays must not be changed afterwards. */
public interface State extends StateReader {
    /** Puts a value in place of any before. */
    void put(byte[] key, byte[] value);

    /** Takes a key out; nothing happens when it is not there. */
    void delete(byte[] key);
}
