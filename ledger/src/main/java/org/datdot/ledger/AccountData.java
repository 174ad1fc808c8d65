package org.datdot.ledger;

/**
 * What an account owns, and how many extrinsics it has sent.
 *
 * @param nonce extrinsics sent so far
 * @param free units it may spend
 * @param reserved units set aside for its plans
 */
public record AccountData(long nonce, long free, long reserved) {
    /** SCALE: as the crate {@code frame-system} writes an {@code AccountInfo}; what DatDot has no use for is 0. */
    public static final Codec<AccountData> CODEC = Codec.of(AccountInfo.class)
            .as(AccountData::info, info -> new AccountData(info.nonce, info.data.free, info.data.reserved));

    /** Nothing sent, nothing owned. */
    public static final AccountData EMPTY = new AccountData(0, 0, 0);

    /** Free and reserved. */
    public long total() {
        return Math.addExact(free, reserved);
    }

    private AccountInfo info() {
        return new AccountInfo(nonce, 0, 0, 0, new Funds(free, reserved, 0, 0));
    }

    @TypePath("frame_system::AccountInfo")
    record AccountInfo(
            @Scale(bits = 32) long nonce,
            @Scale(bits = 32) long consumers,
            @Scale(bits = 32) long providers,
            @Scale(bits = 32) long sufficients,
            Funds data) {
        AccountInfo {
            if ((consumers | providers | sufficients) != 0) {
                throw new IllegalArgumentException("an account has no consumers, providers or sufficients");
            }
        }
    }

    @TypePath("pallet_balances::types::AccountData")
    record Funds(
            @Scale(bits = 128) long free,
            @Scale(bits = 128) long reserved,
            @Scale(bits = 128) long frozen,
            @Scale(bits = 128) long flags) {
        Funds {
            if ((frozen | flags) != 0) {
                throw new IllegalArgumentException("nothing is frozen, and there are no flags");
            }
        }
    }
}
