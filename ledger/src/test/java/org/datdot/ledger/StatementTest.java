package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.junit.jupiter.api.Test;

/** What is signed, and with which keys (docs/protocol.md 1 and 2). */
class StatementTest {
    private static final Hash ROOT = new Hash(Blake2b.hash(new byte[] {1}));

    @Test
    void shouldSignContextChainAndStatementInThisOrder() {
        ReplicaStatement statement = new ReplicaStatement(1, 2, 3, 4, ROOT, 5, 5_000);
        String context = "datdot/v1/replica";
        assertThat(HexFormat.of().formatHex(statement.signable(World.GENESIS)))
                .isEqualTo("44" + HexFormat.of().formatHex(context.getBytes(StandardCharsets.US_ASCII))
                        + World.GENESIS.hex() + "04" + "08" + "03" + "10" + ROOT.hex() + "14" + "214e" + "00" + "00");
        HosterReceipt receipt = new HosterReceipt(1, 2, 3, 4, ROOT);
        context = "datdot/v1/receipt";
        assertThat(HexFormat.of().formatHex(receipt.signable(World.GENESIS)))
                .isEqualTo("44" + HexFormat.of().formatHex(context.getBytes(StandardCharsets.US_ASCII))
                        + World.GENESIS.hex() + "04" + "08" + "03" + "10" + ROOT.hex());
    }

    @Test
    void shouldDeriveThreeDifferentKeyPairsFromOneSeed() {
        byte[] seed = Blake2b.hash(new byte[] {7});
        AccountKeys keys = AccountKeys.fromSeed(seed);
        for (String name : new String[] {"chain", "signing", "noise"}) {
            byte[] derived = Blake2b.hash(32, seed, ("datdot/account/" + name).getBytes(StandardCharsets.US_ASCII));
            KeyPair expected = KeyPair.fromSeed(derived);
            KeyPair found = switch (name) {
                case "chain" -> keys.chain();
                case "signing" -> keys.signing();
                default -> keys.noise();
            };
            assertThat(found.publicKey()).as(name).isEqualTo(expected.publicKey());
        }
        assertThat(keys.accountId()).isEqualTo(AccountId.of(keys.chain().publicKey()));
        assertThat(AccountId.parse(keys.accountId().toString())).isEqualTo(keys.accountId());
        assertThat(keys.toString()).doesNotContain(HexFormat.of().formatHex(seed));
        assertThatThrownBy(() -> AccountKeys.fromSeed(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
