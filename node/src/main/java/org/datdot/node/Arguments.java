package org.datdot.node;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.encoding.DecodingException;
import org.datdot.hosting.PeerAddress;
import org.datdot.swarm.Endpoint;

/** Reads arguments of the command line, with exit code {@link Exit#USAGE} where they are wrong. */
final class Arguments {
    private Arguments() {}

    static CoreKey key(String text) {
        return read(text, CoreKey::parse);
    }

    static PublicKey publicKey(String hex) {
        return read(hex, text -> new PublicKey(HexFormat.of().parseHex(text)));
    }

    static InetSocketAddress address(String text) {
        return read(text, Addresses::parse);
    }

    static List<PeerAddress> peers(List<String> texts) {
        List<PeerAddress> peers = new ArrayList<>();
        texts.forEach(text -> peers.add(new PeerAddress(List.of(endpoint(text)), null)));
        return peers;
    }

    static Endpoint endpoint(String text) {
        // A bare port means this machine, as everywhere.
        boolean port = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return read(port ? "127.0.0.1:" + text : text, Endpoint::parse);
    }

    static BootstrapNode bootstrap(String text) {
        return read(text, BootstrapNode::parse);
    }

    static org.datdot.dht.PeerAddress dhtAddress(String text) {
        return read(text, org.datdot.dht.PeerAddress::parse);
    }

    static URI ledger(String text) {
        URI uri = read(text, URI::create);
        boolean webSocket = "ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme());
        require(
                webSocket && uri.getHost() != null,
                "'" + text + "' is no address of a ledger; write for example ws://127.0.0.1:9944");
        return uri;
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new NodeException(Exit.USAGE, otherwise);
        }
    }

    private static <T> T read(String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException | DecodingException e) {
            throw new NodeException(Exit.USAGE, String.valueOf(e.getMessage()), e);
        }
    }
}
