package org.datdot.hosting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.datdot.chain.LedgerException;
import org.datdot.chain.PoolException;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.Call;
import org.datdot.ledger.Measurement;
import org.datdot.ledger.PerformanceChallenge;
import org.datdot.ledger.PerformanceStatus;
import org.datdot.ledger.PerformanceSubmission;
import org.datdot.swarm.SwarmOptions;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * Measures a hoster for a performance challenge (docs/protocol.md 5.5): at a random moment of the time for it reads random blocks as an ordinary reader
 * with a throw-away key, commits to what it found, and reveals it when all have committed. The measurement is kept on disk until then, so that a
 * restart in between does not lose it.
 */
final class MeasuringJob extends Job {
    private static final int BLOCKS = 4;

    private final long challengeId;
    private final Path kept;
    private final Moments moments;

    MeasuringJob(ProviderContext context, long challengeId, Moments moments) {
        super(context, "measurement " + challengeId);
        this.challengeId = challengeId;
        this.kept = context.directory().resolve("measured-" + challengeId);
        this.moments = moments;
    }

    @Override
    void work() throws InterruptedException {
        try {
            retry("measuring", this::step);
        } finally {
            // Interrupted by the end of the challenge, or of this process: what is over is never read again.
            removeIfOver();
        }
    }

    private void step() throws IOException, InterruptedException {
        while (true) {
            PerformanceChallenge challenge = context.view()
                    .queries()
                    .getPerformanceChallengeByID(challengeId)
                    .orElse(null);
            PerformanceChallenge.Report own =
                    challenge == null ? null : challenge.report(context.user()).orElse(null);
            if (challenge == null || own == null || own.measurement().isPresent()) return;
            if (challenge.status() == PerformanceStatus.COMMITTING
                    && own.commitment().isEmpty()) {
                awaitMoment(challenge);
                Measurement found = keep(measure(challenge));
                Hash commitment = found.commitment(context.genesis(), challengeId, context.user(), salt());
                submitMeasurement(new PerformanceSubmission.Commit(commitment));
            } else if (challenge.status() == PerformanceStatus.REVEALING) {
                Measurement found = kept();
                if (own.commitment().isEmpty() || found == null) {
                    fail("nothing was committed to in time");
                    return;
                }
                submitMeasurement(new PerformanceSubmission.Reveal(found, salt()));
            } else if (challenge.status() != PerformanceStatus.COMMITTING) {
                return;
            }
            context.awaitChange(context.options().retryDelay());
        }
    }

    /** Somewhere in the first half of the time, so that the hoster does not know when it is looked at. */
    private void awaitMoment(PerformanceChallenge challenge) throws InterruptedException {
        long moment = moments.moment(context.blockNumber(), challenge.commitUntilBlock());
        while (context.blockNumber() < moment)
            context.awaitChange(context.options().retryDelay());
    }

    private Hash salt() {
        byte[] secret = context.keys().signing().secretKey().bytes();
        byte[] content =
                new ScaleEncoder().string("datdot/v1/salt").compact(challengeId).toBytes();
        return new Hash(Blake2b.hash(Blake2b.hash(secret), content));
    }

    private Measurement keep(Measurement found) throws IOException {
        Measurement before = kept();
        if (before != null) return before; // committed to before a restart, perhaps
        Files.write(kept, Measurement.CODEC.encode(found));
        return found;
    }

    private @Nullable Measurement kept() throws IOException {
        if (!Files.exists(kept)) return null;
        try {
            return Measurement.CODEC.decode(Files.readAllBytes(kept));
        } catch (DecodingException e) {
            throw new IOException(kept + " is damaged: " + e.getMessage(), e);
        }
    }

    private void removeIfOver() {
        try {
            if (context.view().jobs(context.user()).performances().contains(challengeId)) return;
            Files.deleteIfExists(kept);
        } catch (IOException | RuntimeException e) {
            context.alert("could not delete " + kept + ": " + e.getMessage());
        }
    }

    private void submitMeasurement(PerformanceSubmission submission) throws IOException {
        try {
            submit(new Call.SubmitPerformanceChallenge(challengeId, submission));
        } catch (LedgerException e) {
            throw new IOException("the ledger rejects the measurement: " + e.getMessage(), e);
        } catch (PoolException e) {
            throw new IOException("the ledger does not take the measurement now: " + e.getMessage(), e);
        }
    }

    private Measurement measure(PerformanceChallenge challenge) throws IOException, InterruptedException {
        LedgerView.Target target = context.view().target(challenge);
        if (target == null) return Measurement.UNREACHABLE;
        Path temporary = context.directory().resolve(EncoderJob.TEMPORARY + "measured-" + challengeId);
        FileTree.delete(temporary);
        KeyPair reader = KeyPair.generate(context.options().entropy());
        try (Corestore store = Corestore.open(temporary, StoreOptions.defaults().sync(false));
                Peers peers = new Peers(reader, store, SwarmOptions.defaults())) {
            context.peers().network().ifPresent(peers::join);
            Dialer.connectAny(
                    peers,
                    List.of(target.hoster()),
                    List.of(),
                    context.options().stallTimeout());
            return read(store, target.segment());
        } catch (BlockNotAvailableException | IOException | WireException e) {
            fetchFailed(e);
            return Measurement.UNREACHABLE;
        } finally {
            FileTree.delete(temporary);
        }
    }

    private void fetchFailed(Exception e) {
        System.getLogger(MeasuringJob.class.getName())
                .log(System.Logger.Level.INFO, "measurement {0} found nobody: {1}", challengeId, e.getMessage());
    }

    /** Reads a few random blocks, one after the other; each is verified against the feed's signature as it comes. */
    private Measurement read(Corestore store, ReplicaSegment segment) throws IOException, InterruptedException {
        Duration timeout = context.options().blockTimeout();
        try (Hypercore core = store.get(segment.key())) {
            core.update(timeout);
            long bytes = 0;
            long latency = 0;
            long begin = System.nanoTime();
            for (long index : moments.blocks(segment.start(), segment.lengthBlocks(), BLOCKS)) {
                bytes += core.get(index, timeout).length;
                if (latency == 0) latency = System.nanoTime() - begin;
            }
            double seconds = Math.max(1, System.nanoTime() - begin) / 1e9;
            return new Measurement(true, Math.max(1, latency / 1_000_000), (long) (bytes / seconds));
        }
    }
}
