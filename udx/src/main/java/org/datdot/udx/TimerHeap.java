package org.datdot.udx;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The streams by the time at which they want to be woken: a binary heap, without garbage. */
final class TimerHeap {
    private @Nullable UdxStream[] heap = new @Nullable UdxStream[16];
    private int size;

    /** When the first has to be woken. */
    long nextAt() {
        UdxStream first = heap[0];
        return size == 0 || first == null ? StreamCore.NEVER : first.timerAt;
    }

    /**
     * Sets when a stream is woken. A later time than the one set before is not taken: the stream is woken early then, and
     * asked again, which is cheaper than moving it with each packet.
     */
    void atMost(UdxStream stream, long at) {
        if (at == StreamCore.NEVER || (stream.timerIndex >= 0 && stream.timerAt <= at)) {
            return;
        }
        stream.timerAt = at;
        if (stream.timerIndex < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            up(size++, stream);
        } else {
            up(stream.timerIndex, stream);
        }
    }

    /** Takes out the first stream whose time has come. */
    @Nullable
    UdxStream poll(long now) {
        UdxStream first = heap[0];
        if (size == 0 || first == null || first.timerAt > now) {
            return null;
        }
        remove(first);
        return first;
    }

    void remove(UdxStream stream) {
        int index = stream.timerIndex;
        if (index < 0) {
            return;
        }
        stream.timerIndex = -1;
        UdxStream last = heap[--size];
        heap[size] = null;
        if (last != null && last != stream) {
            up(index, last);
            down(last.timerIndex, last);
        }
    }

    private void up(int index, UdxStream stream) {
        int at = index;
        while (at > 0) {
            int above = (at - 1) / 2;
            UdxStream parent = heap[above];
            if (parent == null || parent.timerAt <= stream.timerAt) {
                break;
            }
            put(at, parent);
            at = above;
        }
        put(at, stream);
    }

    private void down(int index, UdxStream stream) {
        int at = index;
        while (2 * at + 1 < size) {
            int below = 2 * at + 1;
            UdxStream child = heap[below];
            UdxStream other = below + 1 < size ? heap[below + 1] : null;
            if (child != null && other != null && other.timerAt < child.timerAt) {
                child = other;
                below++;
            }
            if (child == null || child.timerAt >= stream.timerAt) {
                break;
            }
            put(at, child);
            at = below;
        }
        put(at, stream);
    }

    private void put(int index, UdxStream stream) {
        heap[index] = stream;
        stream.timerIndex = index;
    }
}
