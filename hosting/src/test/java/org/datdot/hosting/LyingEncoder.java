package org.datdot.hosting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.crypto.TreeNode;
import org.datdot.ledger.ReplicaStatement;

/** An encoder that changes one byte of one block and signs a root over it, as if that were the feed's content. */
final class LyingEncoder implements ReplicaServer {
    private final ReplicaServer honest;
    private final Hash genesis;
    private final KeyPair signing;
    private final Path directory;
    private final long user;
    private final Map<ReplicaId, Replica> lies = new ConcurrentHashMap<>();

    LyingEncoder(ReplicaServer honest, Hash genesis, long user, KeyPair signing, Path directory) {
        this.honest = honest;
        this.genesis = genesis;
        this.signing = signing;
        this.directory = directory;
        this.user = user;
    }

    @Override
    public Answer answer(PublicKey remote, ReplicaId id) {
        return honest.answer(remote, id) instanceof Answer.Ready(Replica replica)
                        && replica.offer().statement().encoder() == user
                ? new Answer.Ready(lies.computeIfAbsent(id, _ -> lie(replica)))
                : honest.answer(remote, id);
    }

    @Override
    public boolean receipt(PublicKey remote, ReplicaId id, Signature signature) {
        return honest.receipt(remote, id, signature);
    }

    /** How many replicas were lied about. */
    int lies() {
        return lies.size();
    }

    private Replica lie(Replica replica) {
        try (ReplicaWriter writer = new ReplicaWriter(directory, replica.spec(), false)) {
            List<TreeNode> leaves = new ArrayList<>();
            for (int i = 0; i < replica.blockCount(); i++) {
                byte[] frame = replica.frames(i, i + 1);
                if (i == replica.blockCount() / 2) frame[frame.length - 1] ^= 1;
                writer.frame(frame, 0, frame.length);
                writer.write(frame, 0, frame.length);
                leaves.add(replica.leaf(i));
            }
            ReplicaTree tree = writer.tree();
            ReplicaStatement truth = replica.offer().statement();
            ReplicaStatement lie = new ReplicaStatement(
                    truth.contract(),
                    truth.amendment(),
                    truth.position(),
                    truth.encoder(),
                    tree.root(),
                    tree.leafCount(),
                    tree.byteLength(),
                    truth.sealing(),
                    truth.sealingKey());
            Signature signature = Ed25519.sign(lie.signable(genesis), signing.secretKey());
            ReplicaOffer offer =
                    new ReplicaOffer(lie, signature, replica.offer().rangeProofs(), replica.blockCount());
            return writer.finish(tree, offer, leaves);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
