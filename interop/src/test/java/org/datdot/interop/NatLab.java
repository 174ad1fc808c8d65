package org.datdot.interop;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Three hosts in network namespaces of their own, and between them an internet of IPv4 and UDP in this process: {@link
 * Site#NETWORK} has public addresses, {@link Site#LEFT} and {@link Site#RIGHT} are behind a router each, with one public address
 * they may also use themselves. A packet takes four hops to leave a site and four to enter one. TCP is passed on as it is: the
 * routers translate UDP only.
 */
final class NatLab implements AutoCloseable {
    private static final int HOPS = 4;
    private static final int UDP = 17;
    private static final int TCP = 6;

    /** The hosts. */
    enum Site {
        NETWORK("5.0.0.1", "5.0.0.1"),
        LEFT("6.0.0.1", "192.168.6.2"),
        RIGHT("7.0.0.1", "192.168.7.2");

        /** Where it is seen from the others. */
        final String outside;

        /** Where it is in its own network. */
        final String inside;

        Site(String outside, String inside) {
            this.outside = outside;
            this.inside = inside;
        }

        int network() {
            return Integer.parseInt(outside.substring(0, 1));
        }
    }

    /** What went between the two sites behind routers: probes of one byte, and packets of streams, there and back. */
    record Seen(int probes, int packets) {}

    private static final class Link {
        final Site site;
        final TunDevice device;
        final String namespace;
        LabNat.Kind kind = LabNat.Kind.OPEN;
        LabNat nat = new LabNat(LabNat.Kind.OPEN, 0);
        boolean dropsUdp;
        boolean dropsDirectUdp;

        Link(Site site, TunDevice device, String namespace) {
            this.site = site;
            this.device = device;
            this.namespace = namespace;
        }
    }

    private final List<Link> links = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean closed;
    private int probes;
    private int packets;

    private NatLab() {}

    /**
     * Builds it.
     *
     * @throws IOException when network namespaces and interfaces cannot be made here
     */
    static NatLab open() throws IOException {
        NatLab lab = new NatLab();
        try {
            for (Site site : Site.values()) lab.links.add(link(site));
            for (Link link : lab.links) {
                lab.threads.add(
                        Thread.ofPlatform().daemon().name("lab " + link.site).start(() -> lab.pump(link)));
            }
            return lab;
        } catch (IOException e) {
            lab.close();
            throw e;
        }
    }

    private static Link link(Site site) throws IOException {
        String name = "dd" + ProcessHandle.current().pid() + site.network();
        run("ip", "netns", "add", name);
        try {
            TunDevice device = TunDevice.open(name);
            Link link = new Link(site, device, name);
            try {
                run("ip", "link", "set", name, "netns", name);
                in(name, "ip", "link", "set", "lo", "up");
                int own = site == Site.NETWORK ? 10 : 1;
                for (int i = 1; i <= own; i++) {
                    in(name, "ip", "addr", "add", site.network() + ".0.0." + i + "/32", "dev", name);
                }
                if (site != Site.NETWORK) in(name, "ip", "addr", "add", site.inside + "/32", "dev", name);
                in(name, "ip", "link", "set", name, "up");
                in(name, "ip", "route", "add", "default", "dev", name, "src", site.inside);
                return link;
            } catch (IOException e) {
                device.close();
                throw e;
            }
        } catch (IOException e) {
            run("ip", "netns", "del", name);
            throw e;
        }
    }

    private static void in(String namespace, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        run(all.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** The beginning of a command line that runs in a site. */
    List<String> at(Site site) {
        return List.of("ip", "netns", "exec", link(links, site).namespace);
    }

    private static Link link(List<Link> links, Site site) {
        return links.stream().filter(link -> link.site == site).findFirst().orElseThrow();
    }

    /** Puts a fresh router in front of a site, and forgets what was seen. */
    void route(Site site, LabNat.Kind kind, long seed) {
        lock.lock();
        try {
            Link link = link(links, site);
            link.kind = kind;
            link.nat = new LabNat(kind, seed);
            probes = 0;
            packets = 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Drops UDP from and to a site, from now on or no more.
     *
     * @param direct only what goes to and from the other site behind a router, not the network's
     */
    void dropUdp(Site site, boolean dropped, boolean direct) {
        lock.lock();
        try {
            Link link = link(links, site);
            link.dropsUdp = dropped && !direct;
            link.dropsDirectUdp = dropped;
        } finally {
            lock.unlock();
        }
    }

    /** What has gone directly between the two sites so far. */
    Seen seen() {
        lock.lock();
        try {
            return new Seen(probes, packets);
        } finally {
            lock.unlock();
        }
    }

    private void pump(Link from) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(TunDevice.MAX_PACKET_BYTES);
            while (!closed) {
                int length = from.device.read(buffer);
                if (length < 0) return;
                if (length > 0) pass(from, buffer.asSlice(0, length));
            }
        }
    }

    private void pass(Link from, MemorySegment segment) {
        ByteBuffer packet = segment.asByteBuffer();
        if (packet.limit() < 28 || packet.get(0) >>> 4 != 4) return;
        if (packet.get(9) == TCP) passTcp(from, packet, segment);
        if (packet.get(9) != UDP) return;
        int header = (packet.get(0) & 15) * 4;
        int hops = packet.get(8) & 0xff;
        if ((packet.getShort(6) & 0x3fff) != 0 || header + 8 > packet.limit() || hops <= 2 * HOPS) return;
        LabNat.Address source = new LabNat.Address(packet.getInt(12), packet.getShort(header) & 0xffff);
        LabNat.Address target = new LabNat.Address(packet.getInt(16), packet.getShort(header + 2) & 0xffff);
        lock.lock();
        try {
            Link to = links.stream()
                    .filter(link -> link != from && link.site.network() == target.host() >>> 24)
                    .findFirst()
                    .orElse(null);
            if (to == null || dropped(from, to)) return;
            LabNat.Address outside = outside(from, source, target);
            LabNat.Address inside = outside == null ? null : inside(to, outside, target);
            if (outside == null || inside == null) return;
            if (from.site != Site.NETWORK && to.site != Site.NETWORK) count(packet, header);
            readdress(packet, header, outside, inside);
            packet.put(8, (byte) (hops - 2 * HOPS));
            checksum(packet, header);
            to.device.write(segment);
        } finally {
            lock.unlock();
        }
    }

    private static boolean dropped(Link from, Link to) {
        if (from.dropsUdp || to.dropsUdp) return true;
        boolean direct = from.site != Site.NETWORK && to.site != Site.NETWORK;
        return direct && (from.dropsDirectUdp || to.dropsDirectUdp);
    }

    private void passTcp(Link from, ByteBuffer packet, MemorySegment segment) {
        int hops = packet.get(8) & 0xff;
        int target = packet.getInt(16);
        if (hops <= 2 * HOPS) return;
        for (Link to : links) {
            if (to == from || (to.site.network() != target >>> 24 && host(to.site.inside) != target)) continue;
            packet.put(8, (byte) (hops - 2 * HOPS));
            checksum(packet, (packet.get(0) & 15) * 4);
            to.device.write(segment);
        }
    }

    private void count(ByteBuffer packet, int header) {
        if (packet.limit() == header + 9) probes++;
        else if ((packet.get(header + 8) & 0xff) == 0xff) packets++;
    }

    private static LabNat.@Nullable Address outside(Link from, LabNat.Address source, LabNat.Address target) {
        if (from.site == Site.NETWORK) return source;
        int outside = host(from.site.outside);
        if (from.kind == LabNat.Kind.OPEN) return source.host() == outside ? source : null;
        if (source.host() == outside) return null;
        return new LabNat.Address(outside, from.nat.outbound(source.port(), target));
    }

    private static LabNat.@Nullable Address inside(Link to, LabNat.Address source, LabNat.Address target) {
        if (to.site == Site.NETWORK || to.kind == LabNat.Kind.OPEN) return target;
        Integer port = to.nat.inbound(target.port(), source);
        return port == null ? null : new LabNat.Address(host(to.site.inside), port);
    }

    private static int host(String text) {
        int host = 0;
        for (String part : text.split("\\.", -1)) host = host << 8 | Integer.parseInt(part);
        return host;
    }

    private static void readdress(ByteBuffer packet, int header, LabNat.Address source, LabNat.Address target) {
        packet.putInt(12, source.host()).putInt(16, target.host());
        packet.putShort(header, (short) source.port()).putShort(header + 2, (short) target.port());
        packet.putShort(header + 6, (short) 0); // UDP does without its checksum
    }

    private static void checksum(ByteBuffer packet, int header) {
        packet.putShort(10, (short) 0);
        int sum = 0;
        for (int i = 0; i < header; i += 2) sum += packet.getShort(i) & 0xffff;
        sum = (sum & 0xffff) + (sum >>> 16);
        packet.putShort(10, (short) ~(sum + (sum >>> 16)));
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (Thread thread : threads) {
            try {
                thread.join(5_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (Link link : links) {
            link.device.close();
            run("ip", "netns", "del", link.namespace);
        }
        links.clear();
    }
}
