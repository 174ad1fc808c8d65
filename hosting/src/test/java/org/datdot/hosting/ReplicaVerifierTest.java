package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Signature;
import org.datdot.ledger.ReplicaStatement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplicaVerifierTest {
    @TempDir
    Path directory;

    @Test
    void shouldAcceptWhatAnHonestEncoderMakes() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            Sample sample = new Sample(seed);
            try (Replica made = sample.encode(directory.resolve("made" + seed));
                    Replica received = Sample.receive(
                            sample.spec, made.offer(), Sample.frames(made), directory.resolve("r" + seed))) {
                assertThat(Sample.frames(received))
                        .as("seed %d", seed)
                        .usingElementComparator(Arrays::compare)
                        .isEqualTo(Sample.frames(made));
                assertThat(received.treeNodes(0)).isEqualTo(made.treeNodes(0));
            }
        }
    }

    @Test
    void shouldRefuseWhenAnyByteOfTheFramesIsFlipped() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Sample sample = new Sample(seed);
            try (Replica made = sample.encode(directory.resolve("made" + seed))) {
                List<byte[]> frames = Sample.frames(made);
                byte[] frame = frames.get(random.nextInt(frames.size()));
                frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
                assertRefused(sample.spec, made.offer(), frames, "seed " + seed);
            }
        }
    }

    @Test
    void shouldRefuseWhenFramesAreSwappedRepeatedMissingOrTooMany() throws IOException {
        Sample sample = withDifferentFirstBlocks();
        try (Replica made = sample.encode(directory.resolve("made"))) {
            List<byte[]> swapped = new ArrayList<>(Sample.frames(made));
            Collections.swap(swapped, 0, 1);
            assertRefused(sample.spec, made.offer(), swapped, "swapped");
            List<byte[]> missing = new ArrayList<>(Sample.frames(made));
            missing.removeLast();
            assertThatThrownBy(() -> Sample.receive(sample.spec, made.offer(), missing, directory.resolve("m")))
                    .isInstanceOf(IllegalStateException.class); // the writer already knows that it is not whole
            List<byte[]> more = new ArrayList<>(Sample.frames(made));
            more.add(more.getFirst());
            assertRefused(sample.spec, made.offer(), more, "one more");
        }
    }

    private static Sample withDifferentFirstBlocks() {
        for (long seed = 0; ; seed++) {
            Sample sample = new Sample(seed);
            if (sample.blocks.size() > 2 && sample.blocks.get(0).length != sample.blocks.get(1).length) return sample;
        }
    }

    @Test
    void shouldRefuseWhenTheEncoderSignsOtherContent() throws IOException {
        Sample sample = withDifferentFirstBlocks();
        Sample lying = withDifferentFirstBlocks();
        lying.blocks.set(1, "not what the publisher signed".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        // an encoder that skips its own check: the frames of other blocks, a root over them, a valid signature
        List<byte[]> frames = new ArrayList<>();
        ReplicaTree.Builder tree = new ReplicaTree.Builder();
        try (ReplicaCodec codec = new ReplicaCodec(sample.spec.freshSealing(Entropy.system()))) {
            for (int i = 0; i < lying.blocks.size(); i++) {
                byte[] frame = codec.encode(i, lying.blocks.get(i));
                tree.update(frame, 0, frame.length);
                frames.add(frame);
            }
        }
        ReplicaTree built = tree.finish();
        try (Replica honest = sample.encode(directory.resolve("honest"))) {
            ReplicaStatement lie = statement(Sample.ENCODER, built.root(), built.leafCount(), built.byteLength());
            assertRefused(sample.spec, signed(lie, honest.offer(), sample.spec), frames, "other content");
        }
    }

    @Test
    void shouldRefuseWhenTheStatementOrItsSignatureIsNotTheEncoders() throws IOException {
        Sample sample = new Sample(3);
        try (Replica made = sample.encode(directory.resolve("made"))) {
            ReplicaOffer offer = made.offer();
            ReplicaStatement s = offer.statement();
            List<byte[]> frames = Sample.frames(made);
            byte[] flipped = offer.signature().bytes();
            flipped[5] ^= 1;
            assertRefused(
                    sample.spec,
                    new ReplicaOffer(s, new Signature(flipped), offer.rangeProofs(), offer.blockCount()),
                    frames,
                    "signature");
            Hash root = new Hash(Blake2b.hash(s.root().bytes()));
            ReplicaStatement otherRoot = statement(s.encoder(), root, s.leafCount(), s.encodedBytes());
            assertRefused(sample.spec, signed(otherRoot, offer, sample.spec), frames, "root");
            ReplicaStatement otherEncoder = statement(8, s.root(), s.leafCount(), s.encodedBytes());
            assertRefused(sample.spec, signed(otherEncoder, offer, sample.spec), frames, "encoder");
            ReplicaStatement otherSize = statement(s.encoder(), s.root(), s.leafCount(), s.encodedBytes() + 1);
            assertRefused(sample.spec, signed(otherSize, offer, sample.spec), frames, "size");
            ReplicaStatement otherCount = statement(s.encoder(), s.root(), s.leafCount() + 1, s.encodedBytes());
            assertRefused(sample.spec, signed(otherCount, offer, sample.spec), frames, "leaf count");
            ReplicaSpec otherPosition = new ReplicaSpec(
                    sample.spec.genesis(), sample.spec.contract(), new ReplicaId(23, 1), sample.spec.segments(), 0);
            assertRefused(otherPosition, offer, frames, "position");
            ReplicaSpec otherChain = new ReplicaSpec(
                    new Hash(new byte[32]), sample.spec.contract(), Sample.ID, sample.spec.segments(), 0);
            assertRefused(otherChain, offer, frames, "chain");
        }
    }

    @Test
    void shouldTakeASealedReplicaAndNoPlainOneInItsPlace() throws IOException {
        for (long seed = 5; seed < 8; seed++) {
            Sample sealed = new Sample(seed, Sealing.TRAPDOOR);
            Sample plain = new Sample(seed);
            try (Replica made = sealed.encode(directory.resolve("sealed" + seed));
                    Replica other = plain.encode(directory.resolve("plain" + seed))) {
                Replica got =
                        Sample.receive(sealed.spec, made.offer(), Sample.frames(made), directory.resolve("got" + seed));
                try (got;
                        ReplicaCodec codec = got.codec()) {
                    for (int i = 0; i < got.blockCount(); i++) {
                        assertThat(got.block(i, codec))
                                .as("seed %d, block %d", seed, i)
                                .isEqualTo(sealed.blocks.get(i));
                    }
                }
                assertRefused(sealed.spec, other.offer(), Sample.frames(other), "a plain one, seed " + seed);
                assertRefused(plain.spec, made.offer(), Sample.frames(made), "a sealed one, seed " + seed);
            }
        }
    }

    /** Made twice by the same encoder, a sealed replica is two: nobody makes again what is stored. */
    @Test
    void shouldMakeASecondReplicaThatSharesNothingWithTheFirst() throws IOException {
        Sample sample = new Sample(5, Sealing.TRAPDOOR);
        try (Replica one = sample.encode(directory.resolve("one"));
                Replica two = sample.encode(directory.resolve("two"))) {
            assertThat(one.offer().statement().sealingKey())
                    .isNotEqualTo(two.offer().statement().sealingKey());
            assertThat(one.offer().statement().encodedBytes())
                    .isEqualTo(two.offer().statement().encodedBytes());
            byte[] first = one.frames(0, one.blockCount());
            byte[] second = two.frames(0, two.blockCount());
            int equal = 0;
            for (int i = 0; i < first.length; i++) {
                if (first[i] == second[i]) equal++;
            }
            assertThat(equal).as("of %d bytes", first.length).isLessThan(first.length / 50);
        }
    }

    @Test
    void shouldRefuseWhenRangeProofsAreTamperedWith() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Sample sample = new Sample(seed);
            try (Replica made = sample.encode(directory.resolve("made" + seed))) {
                List<byte[]> proofs = new ArrayList<>();
                for (byte[] proof : made.offer().rangeProofs()) proofs.add(proof.clone());
                byte[] proof = proofs.get(random.nextInt(proofs.size()));
                proof[random.nextInt(proof.length)] ^= (byte) (1 << random.nextInt(8));
                ReplicaOffer offer =
                        new ReplicaOffer(made.offer().statement(), made.offer().signature(), proofs, made.blockCount());
                assertRefused(sample.spec, offer, Sample.frames(made), "seed " + seed);
                ReplicaOffer none = new ReplicaOffer(
                        made.offer().statement(), made.offer().signature(), List.of(), made.blockCount());
                assertRefused(sample.spec, none, Sample.frames(made), "no proofs");
            }
        }
    }

    private static ReplicaStatement statement(long encoder, Hash root, long leafCount, long encodedBytes) {
        return new ReplicaStatement(
                Sample.CONTRACT, Sample.ID.amendment(), Sample.ID.position(), encoder, root, leafCount, encodedBytes);
    }

    private static ReplicaOffer signed(ReplicaStatement statement, ReplicaOffer like, ReplicaSpec spec) {
        KeyPair encoder = Sample.SIGNING;
        return new ReplicaOffer(
                statement,
                Ed25519.sign(statement.signable(spec.genesis()), encoder.secretKey()),
                like.rangeProofs(),
                like.blockCount());
    }

    private void assertRefused(ReplicaSpec spec, ReplicaOffer offer, List<byte[]> frames, String what) {
        Path parent = directory.resolve("refused");
        assertThatThrownBy(() -> Sample.receive(spec, offer, frames, parent))
                .as(what)
                .isInstanceOf(InvalidReplicaException.class);
        assertThat(parent.resolve(spec.id().fileName())).as(what).doesNotExist();
        assertThat(parent.resolve(spec.id().fileName() + ReplicaWriter.PARTIAL))
                .as(what)
                .doesNotExist();
    }
}
