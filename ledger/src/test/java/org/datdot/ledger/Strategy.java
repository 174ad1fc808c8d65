package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.datdot.crypto.CoreKey;
import org.datdot.ledger.World.Person;

/** How a provider of the simulated market behaves. This class is honest; each attack is a class that does one thing otherwise. */
class Strategy {
    /** The attacks that are played, each by as many providers. */
    static List<Strategy> attackers() {
        return List.of(
                new StoresNothing(),
                new GeneratesOnDemand(),
                new DropsATenth(),
                new ServesNobody(),
                new AcceptsAndVanishes(),
                new NeverEncodes(),
                new AccusesAll(),
                new WithholdsReports(),
                new SlandersHosters(),
                new NeverReveals(),
                new AsksTooMuch(),
                new ResetsItsPauses(),
                new ReplaysProofs(),
                new Spams(),
                new LeavesWithoutNotice(),
                new AnswersLate(),
                new DeletesBeforeTheEnd(),
                new RescuedByItsSponsor(),
                new KeepsItsPrimes(),
                new FakesReplicas(),
                new FlattersFellows());
    }

    String name() {
        return getClass() == Strategy.class ? "Honest" : getClass().getSimpleName();
    }

    /**
     * Whether what it does otherwise is done seldom, or cannot be told from bad luck the first time, so that it is paid for hosting as others are until it was
     * drawn for that often.
     */
    boolean hostsHonestly() {
        return false;
    }

    boolean honest() {
        return getClass() == Strategy.class;
    }

    /** What it asks, where the market's price is given. */
    long price(long usual) {
        return usual;
    }

    /** Whether it has the leaf that is asked for. */
    boolean has(Market market, Check check) {
        return true;
    }

    /** Whether it answers a challenge now of which it has all leaves. */
    boolean answers(Market market, StorageChallenge challenge) {
        return true;
    }

    /** Whether it stores the position that it was given, and need not rely on anybody to prove it. */
    boolean stores(Market market, Position position) {
        return true;
    }

    /** Whether it makes the replica it was drawn to make. */
    boolean encodes() {
        return true;
    }

    /** Whether it takes a replica over. */
    boolean takesOver() {
        return true;
    }

    /** Whether a reader gets anything from it. */
    boolean serves(Market market, PerformanceChallenge challenge) {
        return true;
    }

    /** What it says of a hoster it measured. */
    Measurement measured(Market market, Person self, PerformanceChallenge challenge, Measurement truth) {
        return truth;
    }

    /** Whether it says on the ledger what it committed to. */
    boolean reveals() {
        return true;
    }

    /** What it reports as attestor now; nothing yet, or never. */
    Optional<Call> report(Market market, Amendment amendment) {
        return market.truth(amendment);
    }

    /** Its answer to a challenge of which it has all leaves; an attacker may try another one where it has not. */
    Optional<Call> otherwise(Market market, StorageChallenge challenge) {
        return Optional.empty();
    }

    /** What else it does in each block. */
    void besides(Market market, Person self) {}

    /** Deletes what it was given and hopes not to be asked. */
    static final class StoresNothing extends Strategy {
        @Override
        boolean has(Market market, Check check) {
            return false;
        }
    }

    /** Stores nothing, and makes replicas again from the public feed when it is asked: that works for plain ones. */
    static final class GeneratesOnDemand extends Strategy {
        @Override
        boolean has(Market market, Check check) {
            return market.sealing(check.contract()) == 0;
        }
    }

    /** Deletes a tenth of each replica. */
    static final class DropsATenth extends Strategy {
        @Override
        boolean has(Market market, Check check) {
            return market.hash("drops", check.contract() * 1000 + check.leafIndex()) % 10 != 0;
        }
    }

    /** Stores and proves, but sends nothing to readers. */
    static final class ServesNobody extends Strategy {
        @Override
        boolean serves(Market market, PerformanceChallenge challenge) {
            return false;
        }
    }

    /** A griefing hoster: it is drawn, and never takes the replica over. */
    static final class AcceptsAndVanishes extends Strategy {
        @Override
        boolean takesOver() {
            return false;
        }
    }

    /** A griefing encoder. */
    static final class NeverEncodes extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        boolean encodes() {
            return false;
        }
    }

    /** As attestor it says that every encoder failed. */
    static final class AccusesAll extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        Optional<Call> report(Market market, Amendment amendment) {
            if (market.world.number <= amendment.encodedByBlock()) {
                return Optional.empty();
            }
            List<Outcome> outcomes = new ArrayList<>();
            amendment.assignments().forEach(one -> outcomes.add(new Outcome.EncoderFailed(one.position())));
            return Optional.of(new Call.AmendmentReport(amendment.id(), outcomes));
        }
    }

    /** As attestor it reports nothing. */
    static final class WithholdsReports extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        Optional<Call> report(Market market, Amendment amendment) {
            return Optional.empty();
        }
    }

    /** Of every hoster it says that it was unreachable. */
    static final class SlandersHosters extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        Measurement measured(Market market, Person self, PerformanceChallenge challenge, Measurement truth) {
            return Measurement.UNREACHABLE;
        }
    }

    /** Commits, and reveals nothing. */
    static final class NeverReveals extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        boolean reveals() {
            return false;
        }
    }

    /** Price manipulation: asks for ten times the price. */
    static final class AsksTooMuch extends Strategy {
        @Override
        long price(long usual) {
            return 10 * usual;
        }
    }

    /** Rating manipulation: stores nothing, and offers anew whenever it was paused. */
    static final class ResetsItsPauses extends Strategy {
        @Override
        boolean has(Market market, Check check) {
            return false;
        }

        @Override
        void besides(Market market, Person self) {
            if (market.world.user(self.id()).pausedUntilBlock() > market.world.number) {
                market.tryCall(self, new Call.RegisterForWork(market.form(self)));
            }
        }
    }

    /** Keeps the first proofs it ever made and shows them again. */
    static final class ReplaysProofs extends Strategy {
        @Override
        boolean has(Market market, Check check) {
            return false;
        }

        @Override
        Optional<Call> otherwise(Market market, StorageChallenge challenge) {
            List<StorageProof> proofs = new ArrayList<>();
            for (int i = 0; i < challenge.checks().size(); i++) {
                proofs.add(new StorageProof(0, new byte[ReplicaHash.LEAF_BYTES], List.of()));
            }
            return Optional.of(new Call.SubmitStorageChallenge(challenge.id(), proofs));
        }
    }

    /** Sends some large calls a day that are refused. */
    static final class Spams extends Strategy {
        private static final CoreKey SPAM = World.coreKey("spam");

        @Override
        void besides(Market market, Person self) {
            FeedHead unsigned = new FeedHead(0, 1, List.of(), new Bytes(new byte[64]));
            for (int i = 0; i < 5; i++) {
                market.tryCall(self, new Call.PublishFeed(SPAM, new Bytes(new byte[20_000]), unsigned));
            }
        }
    }

    /** Stores for some days and is never heard of again. */
    static final class LeavesWithoutNotice extends Strategy {
        @Override
        boolean has(Market market, Check check) {
            return market.world.nowMs - market.activeSince(check) < 5 * 24 * Market.HOUR_MS;
        }
    }

    /** A withholder: it stores everything, and uses the allowance for absences up each time. */
    static final class AnswersLate extends Strategy {
        @Override
        boolean answers(Market market, StorageChallenge challenge) {
            return challenge.status() == ChallengeStatus.MISSED && market.world.number >= challenge.deadlineBlock() - 1;
        }
    }

    /** Deletes what a plan pays for a day before its end, and hopes that the allowance for absences lasts until then. */
    static final class DeletesBeforeTheEnd extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        boolean has(Market market, Check check) {
            Plan plan =
                    market.world.plan(market.world.contract(check.contract()).plan());
            return plan.untilMs() - market.world.nowMs > 24 * Market.HOUR_MS;
        }
    }

    /** Sponsor and hoster: stores nothing; whenever it is asked for a position of a friend's plan, the friend ends that plan. */
    static final class RescuedByItsSponsor extends Strategy {
        @Override
        boolean has(Market market, Check check) {
            return false;
        }

        @Override
        Optional<Call> otherwise(Market market, StorageChallenge challenge) {
            market.rescue(challenge);
            return Optional.empty();
        }
    }

    /** Encoder and hoster: where a fellow made the sealed replica and kept its primes, it need not be stored; all others are. */
    static final class KeepsItsPrimes extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        boolean stores(Market market, Position position) {
            return !market.sealed(position) || !market.fellows(position.hoster(), position.encoder());
        }
    }

    /** Attestor, encoder and hoster: where all three are fellows the replica is made up, can be made again, and holds nothing a reader could want. */
    static final class FakesReplicas extends Strategy {
        @Override
        boolean hostsHonestly() {
            return true;
        }

        @Override
        boolean stores(Market market, Position position) {
            long attestor = market.world.amendment(position.amendment()).attestor();
            return !market.fellows(position.hoster(), position.encoder())
                    || !market.fellows(position.hoster(), attestor);
        }

        @Override
        boolean serves(Market market, PerformanceChallenge challenge) {
            Position measured =
                    market.world.contract(challenge.contract()).positions().get(challenge.position());
            return measured.status() != PositionStatus.ACTIVE
                    || measured.hoster() != challenge.hoster()
                    || stores(market, measured);
        }
    }

    /** Hoster and attestor: serves nobody, and says of its fellows that they do. */
    static final class FlattersFellows extends Strategy {
        @Override
        boolean serves(Market market, PerformanceChallenge challenge) {
            return false;
        }

        @Override
        Measurement measured(Market market, Person self, PerformanceChallenge challenge, Measurement truth) {
            return market.fellows(self.id(), challenge.hoster()) ? new Measurement(true, 20, 10_000_000) : truth;
        }
    }
}
