package org.datdot.drive;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.datdot.hypercore.BlockNotAvailableException;

/** A writable log in memory that counts what is read and appended. */
final class MemoryLog implements BlockLog {

    final List<byte[]> blocks = new ArrayList<>();
    int appends;
    int reads;
    final Set<Long> cleared = new HashSet<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    @Override
    public long length() {
        return blocks.size();
    }

    @Override
    public long byteLength() {
        return blocks.stream().mapToLong(block -> block.length).sum();
    }

    @Override
    public long fork() {
        return 0;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public boolean has(long index) {
        return index < blocks.size() && !cleared.contains(index);
    }

    @Override
    public byte[] get(long index) {
        reads++;
        if (cleared.contains(index)) {
            throw new BlockNotAvailableException("block " + index + " was dropped");
        }
        return blocks.get(Math.toIntExact(index));
    }

    @Override
    public long byteOffset(long index) {
        return blocks.subList(0, Math.toIntExact(index)).stream()
                .mapToLong(block -> block.length)
                .sum();
    }

    @Override
    public void append(List<byte[]> more) {
        appends++;
        blocks.addAll(more);
        listeners.forEach(Runnable::run);
    }

    @Override
    public Pending submit(List<byte[]> more) {
        append(more);
        return Pending.NONE;
    }

    @Override
    public void want(long index) {
        throw new AssertionError("a log that has everything was asked to fetch " + index);
    }

    @Override
    public Prefetch prefetch(long start, long end) {
        throw new AssertionError("a log that has everything was asked to fetch " + start + " to " + end);
    }

    @Override
    public long clear(long start, long end) {
        long held = 0;
        for (long i = start; i < end; i++) {
            held += has(i) ? 1 : 0;
            cleared.add(i);
        }
        return held;
    }

    @Override
    public Subscription onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public BlockLog within(Duration patience) {
        return this;
    }
}
