package org.datdot.dht;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** Does what takes long, such as the cryptography of a handshake, aside from the thread that handles datagrams. */
interface Work {
    /** Does it at once, for who has time. */
    Work AT_ONCE = new Work() {
        @Override
        public <T> void run(Supplier<T> what, Consumer<T> then) {
            then.accept(what.get());
        }
    };

    /**
     * Does something.
     *
     * @param what must not touch the node
     * @param then takes the result, null when there is none, as one more event of the node, maybe before this returns
     */
    <T> void run(Supplier<T> what, Consumer<T> then);
}
