package org.datdot.hypercore;

/** Receives the messages of a {@link CoreExtension}, in order, on the connection's thread: it does little and never waits. */
@FunctionalInterface
public interface ExtensionListener {

    /**
     * A message came. What it throws is logged and harms nobody.
     *
     * @param message the bytes, the listener's to keep
     * @param from who sent it
     */
    void onMessage(byte[] message, ExtensionPeer from);
}
