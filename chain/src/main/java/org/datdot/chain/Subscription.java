package org.datdot.chain;

/** Something that goes on until it is closed. Closing twice is harmless, and closing from inside its own call as well. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
