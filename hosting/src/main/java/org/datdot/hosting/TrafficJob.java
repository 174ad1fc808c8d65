package org.datdot.hosting;

import java.io.IOException;
import java.util.Map;
import org.datdot.chain.LedgerException;
import org.datdot.chain.PoolException;
import org.datdot.ledger.Call;
import org.datdot.ledger.HostedPosition;
import org.datdot.ledger.LedgerError;

/**
 * Reports what this node served of plans that end when so much was (docs/protocol.md 5.3). Nobody is paid for traffic and a report costs its fee, so that
 * it is made when a hundredth of the plan's traffic has come together, and not again for each reader.
 */
final class TrafficJob extends Job {
    private static final long REPORTS_PER_PLAN = 100;

    private final Map<HostedPosition, ReplicaId> hosting;
    private final Served served;

    /** For positions as another thread keeps them. */
    TrafficJob(ProviderContext context, Map<HostedPosition, ReplicaId> hosting, Served served) {
        super(context, "traffic reports");
        this.hosting = hosting;
        this.served = served;
    }

    @Override
    void work() throws InterruptedException {
        while (true) {
            for (Map.Entry<HostedPosition, ReplicaId> held : Map.copyOf(hosting).entrySet()) {
                if (served.of(held.getValue()) > 0) {
                    retry("reporting traffic", () -> report(held.getKey(), held.getValue()));
                }
            }
            long seen = context.blockNumber();
            while (context.blockNumber() == seen) {
                context.awaitChange(context.options().stallTimeout());
            }
        }
    }

    private void report(HostedPosition held, ReplicaId id) throws IOException {
        LedgerView.Traffic traffic = context.view().traffic(held.contract(), held.position(), context.user());
        if (traffic == null || traffic.limitBytes() == 0) return;
        long bytes = Math.min(served.of(id), traffic.mostBytes());
        if (bytes < Math.ceilDiv(traffic.limitBytes(), REPORTS_PER_PLAN)) return;
        try {
            submit(new Call.ReportTraffic(held.contract(), held.position(), bytes));
            served.reported(id, bytes);
        } catch (LedgerException e) {
            // The position was taken away meanwhile, or the plan has ended: nothing is left to report.
            if (e.error() != LedgerError.INVALID_TRAFFIC) throw new IOException(e.getMessage(), e);
        } catch (PoolException e) {
            throw new IOException("the ledger does not take the report now: " + e.getMessage(), e);
        }
    }
}
