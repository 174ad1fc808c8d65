package org.datdot.drive;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.datdot.hypercore.BlockRange;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;

/**
 * Blocks of a drive being fetched from peers, a bounded number of ranges at a time (npm hyperdrive lib/download.js). It goes
 * on until all are here or it is closed.
 */
public final class DriveDownload implements AutoCloseable {

    private static final int MAX_RUNNING = 256;

    private final Object lock = new Object();
    private final Deque<Wanted> waiting = new ArrayDeque<>();
    private final List<Download> running = new ArrayList<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private boolean closed;

    private record Wanted(Hypercore core, long start, long end) {}

    private DriveDownload() {}

    static DriveDownload of(Hypercore core, List<BlobRanges.Run> runs) {
        DriveDownload download = new DriveDownload();
        for (BlobRanges.Run run : runs) {
            download.waiting.add(new Wanted(core, run.start(), run.end()));
        }
        download.advance();
        return download;
    }

    static DriveDownload of(
            Hypercore db, Collection<BlockRange> names, Hypercore blobs, Collection<BlockRange> contents) {
        DriveDownload download = new DriveDownload();
        names.forEach(range -> download.waiting.add(new Wanted(db, range.start(), range.end())));
        contents.forEach(range -> download.waiting.add(new Wanted(blobs, range.start(), range.end())));
        download.advance();
        return download;
    }

    private void advance() {
        List<Download> started = new ArrayList<>();
        boolean finished;
        synchronized (lock) {
            running.removeIf(download -> download.done().isDone());
            while (!closed && running.size() < MAX_RUNNING && !waiting.isEmpty()) {
                Wanted next = waiting.remove();
                Download download = next.core.download(next.start, next.end);
                running.add(download);
                started.add(download);
            }
            finished = running.isEmpty() && waiting.isEmpty();
        }
        if (finished) {
            done.complete(null);
        }
        for (Download download : started) {
            var _ = download.done().whenComplete((nothing, failure) -> {
                if (failure != null) {
                    done.completeExceptionally(failure);
                }
                advance();
            });
        }
    }

    /**
     * Waits until everything is here.
     *
     * @return false when the time is over, the download was closed or the thread interrupted before
     * @throws DriveException when blocks cannot be stored
     */
    public boolean await(Duration timeout) {
        try {
            done.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (java.util.concurrent.CancellationException e) {
            return false;
        } catch (ExecutionException e) {
            throw new DriveException("The download failed: " + e.getCause(), e);
        }
    }

    /** Completes when everything is here, exceptionally when it cannot be stored, and as cancelled when this is closed. */
    public CompletableFuture<Void> done() {
        return done;
    }

    /** Asks for nothing more; what is here stays. */
    @Override
    public void close() {
        done.cancel(false);
        List<Download> open;
        synchronized (lock) {
            closed = true;
            waiting.clear();
            open = List.copyOf(running);
        }
        open.forEach(Download::close);
    }
}
