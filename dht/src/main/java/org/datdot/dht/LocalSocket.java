package org.datdot.dht;

/**
 * One of a node's sockets, by identity. Others know {@link #SERVER} by its fixed port; what a node sends before it knows whether
 * that port can be reached from outside goes through {@link #CLIENT}, so that it opens no path through a firewall. Others are
 * opened for a while, to punch holes with; see {@link PunchSockets}.
 */
final class LocalSocket {
    static final LocalSocket SERVER = new LocalSocket("server");
    static final LocalSocket CLIENT = new LocalSocket("client");

    private final String name;

    private LocalSocket(String name) {
        this.name = name;
    }

    /** A name for a socket that was opened to punch. */
    static LocalSocket forPunching(int port) {
        return new LocalSocket("punching at " + port);
    }

    /** Whether it is one of the two a node has for as long as it runs. */
    boolean isLasting() {
        return this == SERVER || this == CLIENT;
    }

    @Override
    public String toString() {
        return name;
    }
}
