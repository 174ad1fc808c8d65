package org.datdot.drive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs one task an entry on virtual threads, a bounded number at once; the first failure ends all of them. */
record ExportPool(int parallel) {

    /** What is done with an entry. */
    interface Task {
        void run(DriveEntry entry) throws IOException;
    }

    void run(Iterable<DriveEntry> entries, Task task) throws IOException {
        Deque<Future<Void>> running = new ArrayDeque<>();
        ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("datdot-export-", 0).factory());
        try (threads) {
            try {
                for (DriveEntry entry : entries) {
                    Callable<Void> call = () -> {
                        task.run(entry);
                        return null;
                    };
                    running.add(threads.submit(call));
                    if (running.size() >= parallel) {
                        await(running.remove());
                    }
                }
                while (!running.isEmpty()) {
                    await(running.remove());
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static void await(Future<Void> task) throws IOException {
        try {
            task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FolderException("The export was interrupted: export again, merging, to go on.", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case UncheckedIOException failed -> throw failed.getCause();
                case RuntimeException failed -> throw failed;
                case Error failed -> throw failed;
                case null, default -> throw new FolderException("A file could not be exported", e);
            }
        }
    }
}
