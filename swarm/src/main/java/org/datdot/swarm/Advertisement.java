package org.datdot.swarm;

import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtException;
import org.datdot.dht.MutableValue;

/**
 * Keeps in the DHT where a peer accepts connections besides UDP. Nodes keep the value for two days and forget more of it the
 * more of them leave, so it is put again every 20 minutes. Closing ends that.
 */
public final class Advertisement implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Advertisement.class.getName());
    private static final long AGAIN_MS = 20 * 60_000;
    private static final long AFTER_FAILURE_MS = 30_000;

    private final Dht dht;
    private final KeyPair keys;
    private final byte[] value;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch known = new CountDownLatch(1);

    Advertisement(Dht dht, KeyPair keys, List<Endpoint> endpoints) {
        this.dht = dht;
        this.keys = keys;
        this.value = EndpointRecord.encode(endpoints);
    }

    void start() {
        Thread.ofVirtual().name("swarm-advertise").start(() -> {
            try {
                while (!closed.await(put() ? AGAIN_MS : AFTER_FAILURE_MS, TimeUnit.MILLISECONDS)) {
                    LOG.log(Level.TRACE, "saying again where this peer is reached");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private boolean put() {
        try {
            // The number grows with time, also from one start of the program to the next.
            long now = InstantSource.system().millis();
            MutableValue before = dht.mutableGet(keys.publicKey(), 0);
            dht.mutablePut(keys, value, before == null ? now : Math.max(now, before.seq() + 1));
            known.countDown();
            return true;
        } catch (DhtException e) {
            LOG.log(Level.DEBUG, "could not say in the DHT where this peer is reached; trying again", e);
            return false;
        }
    }

    /** Waits until it is known in the DHT for the first time. Returns whether it is. */
    public boolean awaitKnown(long timeoutMs) throws InterruptedException {
        return known.await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
