package org.datdot.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What connections take on which nothing happens: clients open them to a server of either kind, which tells its memory. */
final class Connections {
    static final String HELD_HEAD =
            "\n| connections held | of | opened in s | after 30 s | resident MiB before | after | KiB each | files |\n"
                    + "|---|---|---|---|---|---|---|---|";

    private static final int HOSTS_PER_CLIENT = 50;
    private static final int CONNECTIONS_PER_HOST = 50;
    /** Longer than what either side takes a silent peer for gone after. */
    private static final long HELD_MS = 30_000;

    private final Sides sides;

    Connections(Sides sides) {
        this.sides = sides;
    }

    /** Over TCP, from stock clients: what a connection adds when there are {@code count} already. */
    Row.Sample memory(boolean java, int count) throws Exception {
        return memory(small(sides.of(java, "idle.js", "Idle"), java, ""), count, "");
    }

    /** Over UDX, dialled by key. */
    Row.Sample overUdx(boolean java, int count) throws Exception {
        try (Sides.Running dht = sides.dht(false)) {
            String bootstrap = "--bootstrap=" + dht.ready().get("port").asInt();
            return memory(small(sides.of(java, "idle.js", "Idle", bootstrap), java, ""), count, bootstrap);
        }
    }

    /** The heap begins at 1/64 of the machine's memory otherwise, and what was ever touched of it counts. */
    private static List<String> small(List<String> command, boolean java, String most) {
        if (!java) return command;
        List<String> small = new ArrayList<>(command);
        small.add(2, "-Xms32m");
        if (!most.isEmpty()) small.add(3, most);
        return small;
    }

    private Row.Sample memory(List<String> command, int count, String bootstrap) throws Exception {
        List<Sides.Running> clients = new ArrayList<>();
        try (Sides.Running server = sides.begin(command)) {
            JsonNode ready = server.ready();
            double[] rss = new double[2];
            for (int i = 0; i < 2; i++) {
                List<String> options = new ArrayList<>(List.of(
                        "--role=client",
                        "--key=" + ready.get("key").asString(),
                        "--peer=" + ready.get("peer").asString(),
                        "--port=" + ready.get("port").asInt(),
                        "--from=" + i * (count / CONNECTIONS_PER_HOST),
                        "--connections=" + count));
                if (!bootstrap.isEmpty()) options.add(bootstrap);
                clients.add(sides.begin(sides.of(false, "idle.js", "Idle", options.toArray(String[]::new))));
                JsonNode memory = server.ask();
                if (memory.get("peers").asInt() != (i + 1) * count) {
                    throw new IllegalStateException("the server has " + memory.get("peers") + " peers");
                }
                rss[i] = memory.get("rss").asDouble();
            }
            return new Row.Sample(1, 0, (rss[1] - rss[0]) / count / 1024);
        } finally {
            clients.forEach(Sides.Running::close);
        }
    }

    /**
     * As many connections over UDX as come about in a time, from clients of ours, and what the server says half a minute later.
     *
     * @return a line under {@link #HELD_HEAD}
     */
    String held(boolean java, int wanted, int seconds) throws Exception {
        List<Sides.Running> clients = new ArrayList<>();
        try (Sides.Running dht = sides.dht(true)) {
            String bootstrap = "--bootstrap=" + dht.ready().get("port").asInt();
            List<String> command = small(sides.of(java, "held.js", "Held", bootstrap), java, "-Xmx1500m");
            try (Sides.Running server = sides.begin(command)) {
                double before = server.ask().get("rss").asDouble();
                long began = System.nanoTime();
                int made = 0;
                for (int from = 0; from * CONNECTIONS_PER_HOST < wanted; from += HOSTS_PER_CLIENT) {
                    double left = seconds - (System.nanoTime() - began) / 1e9;
                    if (left < 1) break;
                    int count = Math.min(HOSTS_PER_CLIENT * CONNECTIONS_PER_HOST, wanted - from * CONNECTIONS_PER_HOST);
                    Sides.Running client = sides.begin(small(
                            sides.of(
                                    true,
                                    "",
                                    "Held",
                                    "--role=client",
                                    bootstrap,
                                    "--key=" + server.ready().get("key").asString(),
                                    "--from=" + from,
                                    "--connections=" + count,
                                    "--seconds=" + (int) left),
                            true,
                            "-Xmx1g"));
                    clients.add(client);
                    made += client.ready().get("operations").asInt();
                }
                double tookS = (System.nanoTime() - began) / 1e9;
                Thread.sleep(HELD_MS);
                JsonNode after = server.ask();
                double rss = after.get("rss").asDouble();
                int held = after.get("peers").asInt();
                return String.format(
                        Locale.ROOT,
                        "| %s | %d | %.0f | %d | %.0f | %.0f | %.1f | %d |",
                        java ? "DatDot" : "stock",
                        made,
                        tookS,
                        held,
                        before / (1 << 20),
                        rss / (1 << 20),
                        (rss - before) / Math.max(1, held) / 1024,
                        after.get("files").asInt());
            }
        } finally {
            clients.forEach(Sides.Running::close);
        }
    }
}
