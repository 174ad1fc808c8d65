package org.datdot.swarm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;

/** Where a peer accepts connections besides UDP: {@code tcp://host:port}, {@code ws://host:port/path} or {@code wss://host}. */
public sealed interface Endpoint {
    /** The longest one that is read, in characters. */
    int MAX_CHARACTERS = 200;

    /**
     * A port that speaks secret-stream over TCP.
     *
     * @param address the host need not be resolved
     */
    record Tcp(InetSocketAddress address) implements Endpoint {
        @Override
        public String toString() {
            return "tcp://" + text(address);
        }
    }

    /**
     * A WebSocket that carries secret-stream in its binary messages.
     *
     * @param uri {@code ws} or {@code wss}, with a host
     */
    record WebSocket(URI uri) implements Endpoint {
        /** Refuses what nobody can dial. */
        public WebSocket {
            boolean webSocket = "ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme());
            boolean plain = uri.getUserInfo() == null && uri.getFragment() == null;
            if (!webSocket || uri.getHost() == null || uri.getPort() > 65_535 || !plain) throw refused(uri.toString());
        }

        @Override
        public InetSocketAddress address() {
            int otherwise = "wss".equals(uri.getScheme()) ? 443 : 80;
            String host = uri.getHost();
            if (host.startsWith("[")) host = host.substring(1, host.length() - 1);
            return InetSocketAddress.createUnresolved(host, uri.getPort() == -1 ? otherwise : uri.getPort());
        }

        @Override
        public String toString() {
            return uri.toString();
        }
    }

    /**
     * Reads a URI, or {@code host:port} for TCP. No name is looked up.
     *
     * @throws IllegalArgumentException with an example of what is understood
     */
    static Endpoint parse(String text) {
        String uri = text.contains("://") ? text : "tcp://" + text;
        if (uri.length() > MAX_CHARACTERS) throw refused(text);
        try {
            URI read = new URI(uri);
            if (!"tcp".equals(read.getScheme())) return new WebSocket(read);
            String host = read.getHost();
            boolean only = read.getRawPath().isEmpty() && read.getUserInfo() == null && read.getQuery() == null;
            if (host == null || read.getPort() < 1 || read.getPort() > 65_535 || !only) throw refused(text);
            if (host.startsWith("[")) host = host.substring(1, host.length() - 1);
            return new Tcp(InetSocketAddress.createUnresolved(host, read.getPort()));
        } catch (URISyntaxException e) {
            IllegalArgumentException refused = refused(text);
            refused.initCause(e);
            throw refused;
        }
    }

    /** A port of this kind without TLS. */
    static Endpoint webSocket(InetSocketAddress address) {
        return new WebSocket(URI.create("ws://" + text(address)));
    }

    /** Host and port; the host may not be resolved. */
    InetSocketAddress address();

    /**
     * Host and port, looked up now.
     *
     * @throws UnknownHostException when there is no such host
     */
    default InetSocketAddress resolve() throws UnknownHostException {
        InetSocketAddress address = address();
        if (!address.isUnresolved()) return address;
        InetSocketAddress resolved = new InetSocketAddress(address.getHostString(), address.getPort());
        if (!resolved.isUnresolved()) return resolved;
        throw new UnknownHostException("there is no host called " + address.getHostString());
    }

    /**
     * Refuses an endpoint in a network of somebody's own: a stranger who names one may mean to have others knock there.
     *
     * @throws IOException when it is one, or there is no such host
     */
    default void requirePublic() throws IOException {
        InetAddress host = resolve().getAddress();
        boolean uniqueLocal = host.getAddress().length == 16 && (host.getAddress()[0] & 0xfe) == 0xfc;
        if (host.isLoopbackAddress()
                || host.isAnyLocalAddress()
                || host.isLinkLocalAddress()
                || host.isSiteLocalAddress()
                || host.isMulticastAddress()
                || uniqueLocal) {
            throw new IOException(this + " is in a private network, where a stranger sends nobody");
        }
    }

    private static String text(InetSocketAddress address) {
        InetAddress resolved = address.getAddress();
        String host = resolved == null ? address.getHostString() : resolved.getHostAddress();
        int zone = host.indexOf('%');
        if (zone >= 0) host = host.substring(0, zone);
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is no address of a peer; write host:port, ws://host:port or wss://host");
    }
}
