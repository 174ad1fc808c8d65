package org.datdot.ledger;

/**
 * The numbers of the pallet (docs/protocol.md 5.1): the eleven of the original under their names, and those version 1 adds.
 *
 * @param performanceAttestorCount PerformanceAttestorCount: attestors for a performance challenge
 * @param challengeDelay ChallengeDelay: blocks from one storage challenge of a hoster to the next
 * @param encodingDuration EncodingDuration: blocks an encoder must be available for, and has before it may be accused; more for large contracts
 * @param attestingDuration AttestingDuration: the same for an attestor and the hosters it serves, after the encoders' time
 * @param amendmentFollowupDelay AmendmentFollowupDelay: blocks after which a silent attestor has failed, for a setup of no size
 * @param contractSetSize ContractSetSize: blocks of feeds in one contract, at most
 * @param contractActivationCap ContractActivationCap: waiting contracts tried in one block
 * @param encodersPerContract EncodersPerContract: unless the plan says otherwise
 * @param hostersPerContract HostersPerContract: unless the plan says otherwise
 * @param attestorsPerContract AttestorsPerContract
 * @param maxSelectedPerRole MaxSelectedPerRole: candidates looked at for one draw
 * @param followupBytesPerBlock bytes of a contract that give its setup one more block
 * @param challengeResponseDelay blocks to answer a storage challenge
 * @param leavesPerChallenge leaves drawn for a storage challenge
 * @param failPause blocks a failed provider is not drawn
 * @param maxReplicas copies a plan may ask for
 * @param agendaPerBlock scheduled actions done in one block; the rest follows in the next
 * @param encodingPricePerGib units paid for encoding one GiB
 * @param attestingPricePerGib units paid for verifying one GiB
 * @param minimumFee units paid for a setup job, at least
 * @param newUserEndowment units a new user gets from the treasury
 * @param economy issuance, fees, collateral, service levels
 * @param periods further times and bounds
 */
public record Parameters(
        long performanceAttestorCount,
        long challengeDelay,
        long encodingDuration,
        long attestingDuration,
        long amendmentFollowupDelay,
        long contractSetSize,
        long contractActivationCap,
        long encodersPerContract,
        long hostersPerContract,
        long attestorsPerContract,
        long maxSelectedPerRole,
        long followupBytesPerBlock,
        long challengeResponseDelay,
        long leavesPerChallenge,
        long failPause,
        long maxReplicas,
        long agendaPerBlock,
        long encodingPricePerGib,
        long attestingPricePerGib,
        long minimumFee,
        long newUserEndowment,
        Economy economy,
        Periods periods) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Parameters> CODEC = Codec.of(Parameters.class);

    /** For a chain with blocks of 6 s. */
    public static Parameters defaults() {
        return new Parameters(
                5,
                600,
                2,
                2,
                5,
                4096,
                50,
                3,
                3,
                1,
                300,
                4L << 20,
                5,
                4,
                60,
                16,
                500,
                50_000_000L,
                20_000_000L,
                1000,
                0,
                Economy.defaults(),
                Periods.defaults());
    }

    /** For a network on one machine with blocks of 250 ms. */
    public static Parameters devnet() {
        return new Parameters(
                3,
                6,
                2,
                2,
                40,
                4096,
                50,
                3,
                3,
                1,
                300,
                4L << 20,
                8,
                4,
                120,
                16,
                500,
                50_000_000L,
                20_000_000L,
                1000,
                1_000_000_000_000L,
                Economy.defaults(),
                Periods.devnet());
    }

    /** The same with other numbers about units. */
    public Parameters with(Economy newEconomy) {
        return new Parameters(
                performanceAttestorCount,
                challengeDelay,
                encodingDuration,
                attestingDuration,
                amendmentFollowupDelay,
                contractSetSize,
                contractActivationCap,
                encodersPerContract,
                hostersPerContract,
                attestorsPerContract,
                maxSelectedPerRole,
                followupBytesPerBlock,
                challengeResponseDelay,
                leavesPerChallenge,
                failPause,
                maxReplicas,
                agendaPerBlock,
                encodingPricePerGib,
                attestingPricePerGib,
                minimumFee,
                newUserEndowment,
                newEconomy,
                periods);
    }

    /** Bytes an encoder is given one more block for. */
    long encodedBytesPerBlock(int sealing) {
        return sealing == 0 ? followupBytesPerBlock : Math.min(followupBytesPerBlock, periods.sealedBytesPerBlock());
    }

    /** Bytes an attestor and its hosters are given one more block for: taking a seal off is several times faster than putting it on. */
    long verifiedBytesPerBlock(int sealing) {
        return sealing == 0
                ? followupBytesPerBlock
                : Math.min(followupBytesPerBlock, Math.multiplyExact(4, periods.sealedBytesPerBlock()));
    }

    /**
     * The same but for one number, by the name clients know it by: {@code with("ContractSetSize", 10)}; those of the economy and the periods too.
     *
     * @throws IllegalArgumentException when no parameter has that name
     */
    public Parameters with(String name, long value) {
        return (Parameters) PalletDescription.replace(this, name, value)
                .orElseThrow(() -> new IllegalArgumentException("no parameter is named " + name));
    }

    /** The bytes of {@link #CODEC}. */
    public byte[] encode() {
        return CODEC.encode(this);
    }

    /**
     * Takes one off.
     *
     * @throws org.datdot.encoding.DecodingException when the bytes are none
     */
    public static Parameters decode(org.datdot.encoding.ScaleDecoder decoder) {
        return CODEC.read().apply(decoder);
    }
}
