package org.datdot.node;

import java.util.List;
import org.datdot.ledger.Form;

/**
 * What a provider on this machine offers.
 *
 * @param storage disk it lends
 * @param pricePerGibHour what it asks for one GiB stored and proven for one hour
 * @param regions labels of where it is
 */
record Offer(ByteSize storage, Tokens pricePerGibHour, List<String> regions) {
    /** Setup jobs taken at the same time. */
    private static final int CAPACITY = 8;

    /** The offer as the ledger takes it, reachable at an address, from a moment on. */
    Form form(String address, long fromMs) {
        return new Form(storage.bytes(), pricePerGibHour.units(), CAPACITY, address, regions, fromMs, 0);
    }
}
