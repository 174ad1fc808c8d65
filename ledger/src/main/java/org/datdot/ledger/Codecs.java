package org.datdot.ledger;

import java.util.List;
import java.util.Optional;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;

/** The SCALE codecs that several records share. */
final class Codecs {
    static final Codec<AccountId> ACCOUNT = Codec.bytes32(AccountId::new);
    static final Codec<PublicKey> PUBLIC_KEY = Codec.bytes32(PublicKey::new);
    static final Codec<CoreKey> CORE_KEY = Codec.bytes32(CoreKey::new);
    static final Codec<Hash> HASH = Codec.bytes32(Hash::new);
    static final Codec<List<Hash>> HASHES = HASH.list();
    static final Codec<Signature> SIGNATURE = new Codec<>(
            (encoder, value) -> encoder.fixed(value.bytes()), decoder -> new Signature(decoder.fixed(Signature.BYTES)));
    static final Codec<List<String>> STRINGS = Codec.STRING.list();
    static final Codec<List<Long>> IDS = Codec.COMPACT.list();
    static final Codec<Optional<Long>> OPTIONAL_ID = Codec.COMPACT.optional();
    static final Codec<TreeNode> TREE_NODE = new Codec<>(
            (encoder, value) -> encoder.compact(value.index())
                    .compact(value.size())
                    .fixed(value.hash().bytes()),
            decoder -> new TreeNode(decoder.compact(), decoder.compact(), new TreeHash(decoder.fixed(TreeHash.BYTES))));
    static final Codec<List<TreeNode>> TREE_NODES = TREE_NODE.list();
    static final Codec<Optional<Form>> FORM = Form.CODEC.optional();
    static final Codec<List<Segment>> SEGMENTS = Segment.CODEC.list();
    static final Codec<Optional<ReplicaStatement>> OPTIONAL_STATEMENT = ReplicaStatement.CODEC.optional();
    static final Codec<List<Position>> POSITIONS = Position.CODEC.list();
    static final Codec<List<Assignment>> ASSIGNMENTS = Assignment.CODEC.list();
    static final Codec<List<Check>> CHECKS = Check.CODEC.list();
    static final Codec<List<HostedPosition>> HOSTED_POSITIONS = HostedPosition.CODEC.list();
    static final Codec<PlanStatus> PLAN_STATUS = Codec.constant(PlanStatus.class);
    static final Codec<PositionStatus> POSITION_STATUS = Codec.constant(PositionStatus.class);
    static final Codec<ContractStatus> CONTRACT_STATUS = Codec.constant(ContractStatus.class);
    static final Codec<AmendmentKind> AMENDMENT_KIND = Codec.constant(AmendmentKind.class);
    static final Codec<AmendmentStatus> AMENDMENT_STATUS = Codec.constant(AmendmentStatus.class);
    static final Codec<ChallengeStatus> CHALLENGE_STATUS = Codec.constant(ChallengeStatus.class);

    private Codecs() {}
}
