package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.LedgerUnavailableException;
import org.datdot.chain.Subscription;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.hypercore.Corestore;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Accusation;
import org.datdot.ledger.HostedPosition;
import org.datdot.ledger.Jobs;
import org.datdot.ledger.StorageChallenge;
import org.jspecify.annotations.Nullable;

/**
 * Does what the ledger says this node owes: encodes, attests, hosts, proves (docs/protocol.md 4 and 5). After each block it
 * reads the one entry with its jobs and makes what runs equal to it; nothing else decides what it does. So it may be
 * killed at any moment: the next process reads the entry and goes on. Thread-safe.
 */
public final class Provider implements Closeable {
    private static final System.Logger LOG = System.getLogger(Provider.class.getName());

    private final ProviderContext context;
    private final HostedFeeds feeds;
    private final Map<Long, Amendment> amendments = new ConcurrentHashMap<>();
    private final Map<Long, ChallengeJob> challenges = new HashMap<>();
    private final Map<HostedPosition, ReplicaId> hosting = new ConcurrentHashMap<>();
    private final Set<HostedPosition> missing = new HashSet<>();
    private final Set<HostedPosition> paused = new HashSet<>();
    private final Served served = new Served();
    private final TrafficJob traffic;
    private final SplittableRandom random;
    private final Map<Long, MeasuringJob> measuring = new HashMap<>();
    private final Map<Long, Job> accusations = new HashMap<>();
    private final Set<Long> didItsPart = new HashSet<>();
    private final List<ReplicaStore> stores;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private final Thread loop;
    private final Subscription subscription;
    private long newestBlock;
    private boolean stopped;
    private boolean serving;
    private long pauses = -1;

    /** What this node does in one amendment; at most one of the three, but an attestor has all positions. */
    private record Amendment(
            AmendmentTask task,
            @Nullable EncoderJob encoder,
            @Nullable AttestorJob attestor,
            @Nullable HosterJob hoster,
            int position) {

        /** Whether nothing is missing by this node's fault: an encoder has the replica; a hoster has it, or was given none. */
        boolean delivered() {
            return (encoder != null && encoder.delivered()) || (hoster != null && hoster.failure() == null);
        }

        List<Job> jobs() {
            List<Job> jobs = new ArrayList<>();
            if (encoder != null) jobs.add(encoder);
            if (attestor != null) jobs.add(attestor);
            if (hoster != null) jobs.add(hoster);
            return jobs;
        }
    }

    private Provider(ProviderContext context, Corestore store, List<ReplicaStore> stores) {
        this.context = context;
        this.feeds = new HostedFeeds(store, context.peers(), served);
        this.traffic = new TrafficJob(context, hosting, served);
        long seed =
                ByteBuffer.wrap(context.options().entropy().bytes(Long.BYTES)).getLong();
        this.random = new SplittableRandom(seed);
        this.stores = stores;
        this.newestBlock = context.view().ledger().head().number();
        this.loop =
                Thread.ofPlatform().daemon().name("provider " + context.user()).unstarted(this::run);
        this.subscription = context.view().ledger().onHead(head -> newHead(head.number()));
    }

    /**
     * Starts a provider: hosts again what is on disk and goes on with its jobs.
     *
     * @param keys the account, which must be a user of the ledger
     * @param peers the node's connections, listening at the address in the user's form
     * @param store where hosted feeds are served from
     * @param directory where replicas are kept, for this provider alone
     * @param alerts told of what somebody should look at; the same is logged
     * @throws IOException when the directory cannot be used
     * @throws IllegalStateException when the account is no user
     * @throws LedgerUnavailableException when the ledger cannot be reached
     */
    public static Provider start(
            AccountKeys keys,
            LedgerClient ledger,
            Peers peers,
            Corestore store,
            Path directory,
            ProviderOptions options,
            Consumer<String> alerts)
            throws IOException {
        LedgerView view = new LedgerView(ledger);
        long user = view.user(AccountId.of(keys.chain().publicKey()))
                .orElseThrow(() -> new IllegalStateException(
                        "account " + AccountId.of(keys.chain().publicKey())
                                + " is no user of this ledger yet: submit newUser first"))
                .id();
        Files.createDirectories(directory);
        removeUnfinished(directory);
        ReplicaStore encoded = ReplicaStore.open(directory.resolve("encoded"), true);
        ReplicaStore attested = ReplicaStore.open(directory.resolve("attested"), true);
        ReplicaStore hosted = ReplicaStore.open(directory.resolve("hosted"), false);
        Consumer<String> logged = message -> {
            LOG.log(System.Logger.Level.ERROR, "ALERT: {0}", message);
            alerts.accept(message);
        };
        ProviderContext context = new ProviderContext(
                keys,
                user,
                view,
                peers,
                directory,
                options,
                new ProviderContext.Stores(encoded, attested, hosted),
                logged);
        Provider provider = new Provider(context, store, List.of(encoded, attested, hosted));
        peers.serveReplicas(provider.new Server());
        peers.listenByKey();
        provider.loop.start();
        provider.traffic.start();
        return provider;
    }

    private static void removeUnfinished(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, EncoderJob.TEMPORARY + "*")) {
            for (Path entry : entries) FileTree.delete(entry);
        }
    }

    /** This node's number on the ledger. */
    public long user() {
        return context.user();
    }

    /**
     * What a provider does at the moment.
     *
     * @param blockNumber the newest block it has looked at
     * @param hostedReplicas whole replicas on disk
     * @param hostedBytes their bytes, and those of replicas on their way
     * @param jobs what is being encoded, attested or taken over
     */
    public record Status(long blockNumber, int hostedReplicas, long hostedBytes, List<String> jobs) {}

    /** What this provider does at the moment. */
    public Status status() {
        List<String> jobs = amendments.values().stream()
                .flatMap(amendment -> amendment.jobs().stream())
                .filter(Job::running)
                .map(Job::name)
                .toList();
        ReplicaStore hosted = context.hosted();
        return new Status(context.blockNumber(), hosted.all().size(), hosted.usedBytes(), jobs);
    }

    private void newHead(long number) {
        lock.lock();
        try {
            newestBlock = Math.max(newestBlock, number);
            wake.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long done = -1;
        while (true) {
            lock.lock();
            try {
                while (newestBlock == done && !stopped) wake.awaitUninterruptibly();
                if (stopped) return;
                done = newestBlock;
            } finally {
                lock.unlock();
            }
            try {
                reconcile();
                context.newBlock(done);
            } catch (LedgerUnavailableException e) {
                LOG.log(System.Logger.Level.WARNING, "the ledger cannot be reached: {0}", e.getMessage());
            } catch (IOException | RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "looking after the jobs failed, trying again at the next block", e);
            }
        }
    }

    /** Makes what runs equal to what the ledger says. */
    private void reconcile() throws IOException {
        Jobs jobs = context.view().jobs(context.user());
        for (long id : List.copyOf(amendments.keySet())) {
            if (!jobs.amendments().contains(id)) end(id);
        }
        for (long id : jobs.amendments()) {
            if (!amendments.containsKey(id)) begin(id);
        }
        updateHosting(jobs);
        removeOrphans(jobs);
        updateChallenge(jobs);
        contradict(jobs);
        updateMeasuring(jobs);
    }

    /** Denies what this node is wrongly accused of; of what it does not remember it says nothing. */
    private void contradict(Jobs jobs) {
        accusations.keySet().retainAll(jobs.accusations());
        for (long id : jobs.accusations()) {
            if (accusations.containsKey(id)) continue;
            long amendment = context.view()
                    .queries()
                    .getAccusationByID(id)
                    .map(Accusation::amendment)
                    .orElse(0L);
            boolean done = didItsPart.contains(amendment);
            Job denial = new DenialJob(context, id, done);
            accusations.put(id, denial);
            denial.start();
        }
    }

    private void updateMeasuring(Jobs jobs) {
        for (long id : List.copyOf(measuring.keySet())) {
            if (jobs.performances().contains(id)) continue;
            MeasuringJob over = measuring.remove(id);
            if (over != null) stop(List.of(over));
        }
        for (long id : jobs.performances()) {
            if (measuring.containsKey(id)) continue;
            MeasuringJob job = new MeasuringJob(context, id, new Moments(random.split()));
            measuring.put(id, job);
            job.start();
        }
    }

    private void begin(long id) {
        AmendmentTask task = context.view().amendment(id);
        if (task == null) return;
        EncoderJob encoder = null;
        HosterJob hoster = null;
        int position = 0;
        for (AmendmentTask.Seat seat : task.positions()) {
            if (seat.encoder().user() == context.user()) encoder = new EncoderJob(context, task, seat);
            else if (seat.hoster().user() == context.user()) hoster = new HosterJob(context, task, seat);
            else continue;
            position = seat.position();
        }
        AttestorJob attestor = task.attestor().user() == context.user() ? new AttestorJob(context, task) : null;
        Amendment amendment = new Amendment(task, encoder, attestor, hoster, position);
        amendments.put(id, amendment);
        amendment.jobs().forEach(Job::start);
    }

    private void end(long id) throws IOException {
        Amendment amendment = amendments.remove(id);
        if (amendment == null) return;
        if (amendment.delivered()) didItsPart.add(id);
        stop(amendment.jobs());
        for (AmendmentTask.Seat seat : amendment.task().positions()) {
            context.encoded().drop(amendment.task().replica(seat));
            context.attested().drop(amendment.task().replica(seat));
        }
    }

    private static void stop(List<? extends Job> jobs) {
        try {
            for (Job job : jobs) job.cancel();
            for (Job job : jobs) job.awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void updateHosting(Jobs jobs) {
        Set<HostedPosition> wanted = Set.copyOf(jobs.hosting());
        boolean same = wanted.equals(hosting.keySet());
        boolean samePauses = updatePauses(wanted, same);
        if (serving && same && samePauses) return;
        hosting.keySet().retainAll(wanted);
        missing.retainAll(wanted);
        for (HostedPosition position : wanted) {
            if (hosting.containsKey(position)) continue;
            ReplicaId id = context.view().replica(position.contract(), position.position());
            if (id != null) hosting.put(position, id);
        }
        serveHosted();
    }

    /** Looks which positions are of paused plans, when any plan was paused or resumed since, or other positions are hosted; whether they are the same. */
    private boolean updatePauses(Set<HostedPosition> wanted, boolean same) {
        long changes = context.view().pauses();
        if (same && changes == pauses) return true;
        Set<HostedPosition> found = new HashSet<>();
        for (HostedPosition position : wanted) {
            if (context.view().paused(position.contract())) found.add(position);
        }
        pauses = changes;
        if (found.equals(paused)) return true;
        paused.clear();
        paused.addAll(found);
        return false;
    }

    private void serveHosted() {
        serving = true;
        served.retain(Set.copyOf(hosting.values()));
        List<Replica> replicas = new ArrayList<>();
        hosting.forEach((position, id) -> {
            Replica replica = context.hosted().find(id);
            if (replica != null && paused.contains(position)) return; // kept and proven, and served to nobody
            if (replica != null) replicas.add(replica);
            else if (missing.add(position)) {
                context.alert(id + " is to be hosted but is not on this disk: its storage challenges will fail");
            }
        });
        feeds.serve(replicas);
    }

    /** Deletes what belongs neither to a hosted position nor to a running amendment. */
    private void removeOrphans(Jobs jobs) throws IOException {
        removeStaged(context.encoded(), jobs);
        removeStaged(context.attested(), jobs);
        if (orphans(jobs).isEmpty()) return;
        // a node that missed some blocks may know a position by an amendment that was replaced: ask before deleting
        for (HostedPosition position : jobs.hosting()) {
            ReplicaId id = context.view().replica(position.contract(), position.position());
            if (id == null) return; // the ledger went on meanwhile; the next block tells
            if (!id.equals(hosting.put(position, id))) serveHosted();
        }
        for (Replica replica : orphans(jobs)) {
            LOG.log(System.Logger.Level.INFO, "deleting {0}, which is not hosted any more", replica.id());
            context.hosted().drop(replica.id());
        }
    }

    private List<Replica> orphans(Jobs jobs) {
        return context.hosted().all().stream()
                .filter(replica -> !hosting.containsValue(replica.id())
                        && !jobs.amendments().contains(replica.id().amendment()))
                .toList();
    }

    private static void removeStaged(ReplicaStore store, Jobs jobs) throws IOException {
        for (Replica replica : store.all()) {
            if (!jobs.amendments().contains(replica.id().amendment())) store.drop(replica.id());
        }
    }

    private void updateChallenge(Jobs jobs) {
        long open = jobs.challenge().orElse(0L);
        for (long id : List.copyOf(challenges.keySet())) {
            if (id == open) continue;
            ChallengeJob over = challenges.remove(id);
            if (over != null) stop(List.of(over));
        }
        if (open == 0 || challenges.containsKey(open)) return;
        context.view().challenge(open).filter(StorageChallenge::open).ifPresent(challenge -> {
            ChallengeJob job = new ChallengeJob(context, challenge);
            challenges.put(open, job);
            job.start();
        });
    }

    /** Who may ask for what: the attestor asks the encoder, the hoster asks the attestor. */
    private final class Server implements ReplicaServer {
        @Override
        public Answer answer(PublicKey remote, ReplicaId id) {
            Amendment amendment = amendments.get(id.amendment());
            if (amendment == null) return new Answer.Unknown();
            AmendmentTask.Seat seat = amendment.task().seat(id.position());
            if (seat != null) {
                EncoderJob encoder = amendment.encoder();
                boolean fromAttestor = remote.equals(amendment.task().attestor().noiseKey());
                if (encoder != null && fromAttestor && amendment.position() == id.position()) return encoder.answer();
                AttestorJob attestor = amendment.attestor();
                if (attestor != null && remote.equals(seat.hoster().noiseKey())) return attestor.answer(seat);
            }
            return new Answer.No(ReplicaMessage.Reason.NOT_YOURS, "the ledger does not say so");
        }

        @Override
        public boolean receipt(PublicKey remote, ReplicaId id, Signature signature) {
            Amendment amendment = amendments.get(id.amendment());
            AttestorJob attestor = amendment == null ? null : amendment.attestor();
            if (amendment == null || attestor == null) return false;
            AmendmentTask.Seat seat = amendment.task().seat(id.position());
            return seat != null && remote.equals(seat.hoster().noiseKey()) && attestor.receipt(seat, signature);
        }
    }

    /** Stops all jobs; what is on disk stays, and another start goes on with it. */
    @Override
    public void close() throws IOException {
        subscription.close();
        context.peers().serveNoReplicas();
        lock.lock();
        try {
            stopped = true;
            wake.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            loop.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Amendment amendment : amendments.values()) stop(amendment.jobs());
        stop(List.of(traffic));
        stop(List.copyOf(challenges.values()));
        stop(List.copyOf(accusations.values()));
        stop(List.copyOf(measuring.values()));
        for (ReplicaStore store : stores) store.close();
    }
}
