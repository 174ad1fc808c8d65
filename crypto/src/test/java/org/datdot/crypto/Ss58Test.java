package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.bytes;

import java.util.List;
import java.util.Random;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;

class Ss58Test {
    private static final byte[] ALICE = bytes("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");

    /** Substrate's development accounts. */
    @Test
    void shouldAgreeWithSubstrateWhenWellKnownAccountsAreWritten() {
        assertThat(Ss58.encode(ALICE)).isEqualTo("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
        byte[] bob = bytes("8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48");
        assertThat(Ss58.encode(bob)).isEqualTo("5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty");
        assertThat(Ss58.encode(ALICE, 0)).isEqualTo("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5");
        assertThat(Ss58.encode(ALICE, 2)).isEqualTo("HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F");
        assertThat(Ss58.decode("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"))
                .isEqualTo(ALICE);
        assertThat(Ss58.decode("HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F", 2))
                .isEqualTo(ALICE);
    }

    @Test
    void shouldReturnTheAccountWhenItsAddressIsRead() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] account = new byte[32];
            random.nextBytes(account);
            if (seed % 7 == 0) {
                account[0] = 0;
            }
            int prefix = List.of(0, 1, 42, 63, 64, 255, 256, 16_383, random.nextInt(16_384))
                    .get(random.nextInt(9));
            String address = Ss58.encode(account, prefix);
            assertThat(Ss58.decode(address, prefix)).as("seed " + seed).isEqualTo(account);
            char[] typo = address.toCharArray();
            int at = random.nextInt(typo.length);
            typo[at] = typo[at] == 'x' ? 'y' : 'x';
            assertThatThrownBy(() -> Ss58.decode(new String(typo), prefix))
                    .as("seed " + seed)
                    .isInstanceOf(DecodingException.class);
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenAnAddressIsNoGood() {
        String address = Ss58.encode(ALICE);
        assertThatThrownBy(() -> Ss58.decode(Ss58.encode(ALICE, 2)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("another network")
                .hasMessageContaining("prefix is 2, expected 42");
        assertThatThrownBy(() -> Ss58.decode("0" + address.substring(1)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("'0' (character 1)");
        assertThatThrownBy(() -> Ss58.decode(address.substring(0, 40))).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> Ss58.decode("5".repeat(100_000)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("100000");
        assertThatThrownBy(() -> Ss58.decode("")).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> Ss58.decode("1111")).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> Ss58.encode(new byte[33])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Ss58.encode(ALICE, 16_384)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Ss58.decode(" " + address + "\n")).isEqualTo(ALICE);
    }
}
