package org.datdot.hypercore;

/** Somebody's being told of what happens, until it is closed. Closing it again does nothing. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
