package org.datdot.dht;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What our public address is, from what other nodes say about it (npm {@code nat-sampler}): the address most of the last 16
 * named, the host alone when they disagree about the port, nothing when they disagree about the host too.
 */
final class NatSampler {
    private static final int SLOTS = 32;

    private static final class Sample {
        final PeerAddress address;
        int hits = 1;

        Sample(PeerAddress address) {
            this.address = address;
        }
    }

    private final List<Sample> samples = new ArrayList<>();
    private int size;
    private int top;
    private int threshold;
    private @Nullable Sample bestPair;
    private @Nullable Sample bestHost;
    private @Nullable PeerAddress address;

    /** The agreed address, with port 0 when only the host is agreed on. */
    @Nullable
    PeerAddress address() {
        return address;
    }

    void add(PeerAddress seenAs) {
        Sample pair = bump(seenAs, 2);
        Sample host = bump(new PeerAddress(seenAs.host(), 0), 1);
        if (samples.size() < SLOTS) {
            size++;
            threshold = size - (size < 4 ? 0 : size < 8 ? 1 : size < 12 ? 2 : 3);
            samples.add(pair);
            samples.add(host);
            top += 2;
        } else {
            if (top == SLOTS) top = 0;
            samples.set(top, dropHit(samples.get(top), pair));
            top++;
            samples.set(top, dropHit(samples.get(top), host));
            top++;
        }
        if (bestPair == null || bestPair.hits < pair.hits) bestPair = pair;
        if (bestHost == null || bestHost.hits < host.hits) bestHost = host;
        if (bestPair.hits >= threshold) address = bestPair.address;
        else if (bestHost.hits >= threshold) address = bestHost.address;
        else address = null;
    }

    private static Sample dropHit(Sample old, Sample replacement) {
        old.hits--;
        return replacement;
    }

    private Sample bump(PeerAddress seenAs, int back) {
        for (int i = 0; i < 4; i++) {
            int at = (top - back - 2 * i) & (SLOTS - 1);
            if (at >= samples.size()) break;
            Sample sample = samples.get(at);
            if (sample.address.equals(seenAs)) {
                sample.hits++;
                return sample;
            }
        }
        return new Sample(seenAs);
    }
}
