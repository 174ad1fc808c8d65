package org.datdot.node;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What a node has opened so far; closed in the reverse order, and one failure does not keep the rest open. */
final class Resources implements AutoCloseable {
    private final Deque<Closeable> open = new ArrayDeque<>();

    /** Keeps a thing until {@link #close()}, and hands it back. */
    <T extends Closeable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /** Closes all. Throws the first failure as the user should read it, with the others suppressed in it. */
    @Override
    public void close() {
        Exception first = closeAll(null);
        if (first != null) {
            throw Failures.explain(first);
        }
    }

    /** Closes all after opening has failed: what fails on the way is suppressed in the cause. */
    RuntimeException closeAfter(Exception cause) {
        closeAll(cause);
        return Failures.explain(cause);
    }

    private @Nullable Exception closeAll(@Nullable Exception cause) {
        Exception first = cause;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (IOException | RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        return first;
    }
}
