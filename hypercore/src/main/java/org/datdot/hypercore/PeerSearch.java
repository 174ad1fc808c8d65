package org.datdot.hypercore;

/**
 * Somebody who looks for peers of a core or a drive: as long as one search is not closed, {@link Hypercore#update} waits
 * for a first peer. Closing it again does nothing.
 */
@FunctionalInterface
public interface PeerSearch extends AutoCloseable {
    @Override
    void close();
}
