package org.datdot.hypercore;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits on the calling thread for what peers are asked for. */
final class BlockWait {
    private BlockWait() {}

    static byte[] await(Hypercore core, long index, CompletableFuture<byte[]> future, @Nullable Duration timeout) {
        try {
            return timeout == null ? future.get() : future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            future.cancel(false);
            throw new BlockNotAvailableException("block " + index + " of core " + core.key() + " did not come within "
                    + (timeout == null ? 0 : timeout.toMillis()) + " ms from "
                    + core.peers().size()
                    + " peers; connect to somebody who has it");
        } catch (InterruptedException e) {
            future.cancel(false);
            Thread.currentThread().interrupt();
            throw new BlockNotAvailableException(
                    "interrupted while waiting for block " + index + " of core " + core.key());
        } catch (CancellationException e) {
            throw new StorageException(StorageException.Kind.CLOSED, "core " + core.key() + " was closed", e);
        } catch (ExecutionException e) {
            throw failure(core, index, e);
        }
    }

    /** Waits until peers have answered whether the core has grown; false when the time is over. */
    static boolean update(Hypercore core, CompletableFuture<Boolean> future, Duration timeout) {
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            future.cancel(false);
            return false;
        } catch (InterruptedException e) {
            future.cancel(false);
            Thread.currentThread().interrupt();
            return false;
        } catch (CancellationException e) {
            throw new StorageException(StorageException.Kind.CLOSED, "core " + core.key() + " was closed", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking for the newest head of core " + core.key() + " failed", e);
        }
    }

    private static RuntimeException failure(Hypercore core, long index, ExecutionException e) {
        return switch (e.getCause()) {
            case StorageException failure ->
                new StorageException(failure.kind(), String.valueOf(failure.getMessage()), e);
            case BlockNotAvailableException gone ->
                new BlockNotAvailableException(String.valueOf(gone.getMessage())); // so that its trace shows who waited
            case CancellationException closed ->
                new StorageException(StorageException.Kind.CLOSED, "core " + core.key() + " was closed", closed);
            case null, default -> new IllegalStateException("fetching block " + index + " failed", e);
        };
    }

    /** Cancels what a future was made of when it is cancelled itself. */
    static void cancelWith(CompletableFuture<?> future, CompletableFuture<?> source) {
        var _ = future.whenComplete((_, _) -> {
            if (future.isCancelled()) source.cancel(false);
        });
    }
}
