package org.datdot.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.DecodingException;
import org.datdot.hosting.PeerAddress;
import org.datdot.swarm.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Who had a drive, and where it accepts TCP and WebSocket, remembered in a file for a network in which the DHT cannot be asked:
 * a line for each with the drive's key, the peer's key in hex, and addresses, the newest first, at most {@value #MOST}.
 */
final class KnownPeers {
    private static final int MOST = 256;

    private final Path file;

    KnownPeers(Path file) {
        this.file = file;
    }

    private record Line(CoreKey drive, PeerAddress peer) {
        /** What a line says; null when it says nothing that is understood. */
        static @Nullable Line parse(String text) {
            String[] words = text.strip().split(" +", -1);
            if (words.length < 3) return null;
            try {
                List<Endpoint> endpoints = new ArrayList<>();
                for (int i = 2; i < words.length; i++) endpoints.add(Endpoint.parse(words[i]));
                PublicKey key = new PublicKey(HexFormat.of().parseHex(words[1]));
                return new Line(CoreKey.parse(words[0]), new PeerAddress(endpoints, key));
            } catch (IllegalArgumentException | DecodingException _) {
                return null; // somebody else wrote it
            }
        }

        String text() {
            PublicKey key = peer.key();
            if (key == null) throw new IllegalStateException("a peer without a key is not remembered");
            StringBuilder text = new StringBuilder(drive + " " + key.hex());
            peer.endpoints().forEach(endpoint -> text.append(' ').append(endpoint));
            return text.toString();
        }

        boolean sameAs(Line other) {
            return drive.equals(other.drive) && String.valueOf(peer.key()).equals(String.valueOf(other.peer.key()));
        }
    }

    /** Who had a drive. */
    List<PeerAddress> of(CoreKey drive) {
        return read().stream()
                .filter(line -> line.drive().equals(drive))
                .map(Line::peer)
                .toList();
    }

    /** Remembers peers, in place of what was known of the same ones. */
    void remember(CoreKey drive, List<PeerAddress> peers) {
        if (peers.isEmpty()) return;
        List<Line> lines = new ArrayList<>(
                peers.stream().map(peer -> new Line(drive, peer)).toList());
        for (Line known : read()) if (lines.stream().noneMatch(known::sameAs)) lines.add(known);
        try {
            Path next = Files.createTempFile(file.toAbsolutePath().getParent(), "peers", ".next");
            Files.write(next, lines.stream().limit(MOST).map(Line::text).toList(), StandardCharsets.UTF_8);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Line> read() {
        List<Line> known = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            lines.forEach(text -> {
                Line line = Line.parse(text);
                if (line != null) known.add(line);
            });
        } catch (NoSuchFileException _) {
            // the first time
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return known;
    }
}
