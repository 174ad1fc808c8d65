package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.bytes;
import static org.datdot.crypto.Vectors.fill;
import static org.datdot.crypto.Vectors.hex;
import static org.datdot.crypto.Vectors.pattern;
import static org.datdot.crypto.Vectors.text;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Ed25519Test {
    /** What goes before the 32 bytes of an Ed25519 key in the form the JDK reads (RFC 8410). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    @Test
    void shouldAgreeWithStockWhenKeysAreMadeFromSeeds() {
        for (String[] v : Vectors.of("keyPair")) {
            KeyPair pair = KeyPair.fromSeed(bytes(v[0]));
            assertThat(pair.publicKey().hex()).isEqualTo(v[1]);
            assertThat(hex(pair.secretKey().bytes())).isEqualTo(v[2]);
            assertThat(hex(pair.secretKey().seed())).isEqualTo(v[0]);
            assertThat(DiscoveryKey.of(new CoreKey(pair.publicKey().bytes())).hex())
                    .isEqualTo(v[3]);
        }
    }

    @Test
    void shouldAgreeWithStockWhenMessagesAreSigned() {
        for (String[] v : Vectors.of("sign")) {
            KeyPair pair = KeyPair.fromSeed(bytes(v[0]));
            byte[] message = pattern(Integer.parseInt(v[1]));
            Signature signature = Ed25519.sign(message, pair.secretKey());
            assertThat(signature.hex()).isEqualTo(v[2]);
            assertThat(Ed25519.verify(message, signature, pair.publicKey())).isTrue();
        }
    }

    @Test
    void shouldAgreeWithStockWhenOddSignaturesAndKeysAreChecked() {
        int accepted = 0;
        for (String[] v : Vectors.of("verify")) {
            boolean valid = Ed25519.verify(bytes(v[0]), new Signature(bytes(v[1])), new PublicKey(bytes(v[2])));
            assertThat(valid).as(String.join(" ", v)).isEqualTo(Boolean.parseBoolean(v[3]));
            accepted += valid ? 1 : 0;
        }
        assertThat(accepted).isEqualTo(2);
    }

    @Test
    void shouldAgreeWithStockWhenSecretsAreAgreedOnOrPointsRefused() {
        int refused = 0;
        for (String[] v : Vectors.of("dh")) {
            SecretKey own = KeyPair.fromSeed(bytes(v[0])).secretKey();
            PublicKey other = new PublicKey(bytes(v[1]));
            if (v[2].equals("refused")) {
                refused++;
                assertThatThrownBy(() -> Ed25519.diffieHellman(own, other))
                        .as(v[1])
                        .isInstanceOf(CryptoException.class)
                        .hasMessageContaining(v[1]);
            } else {
                assertThat(hex(Ed25519.diffieHellman(own, other))).isEqualTo(v[2]);
            }
        }
        assertThat(refused).isEqualTo(16);
    }

    @Test
    void shouldAgreeOnTheSameSecretWhenBothSidesCompute() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            KeyPair one = KeyPair.generate(random::nextBytes);
            KeyPair other = KeyPair.generate(random::nextBytes);
            assertThat(Ed25519.diffieHellman(one.secretKey(), other.publicKey()))
                    .as("seed " + seed)
                    .isEqualTo(Ed25519.diffieHellman(other.secretKey(), one.publicKey()))
                    .isNotEqualTo(new byte[32]);
        }
    }

    @Test
    void shouldAgreeWithTheJdkWhenMessagesAreSignedAndVerified() throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("Ed25519");
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            byte[] keySeed = new byte[32];
            random.nextBytes(keySeed);
            byte[] message = new byte[random.nextInt(300)];
            random.nextBytes(message);
            KeyPair pair = KeyPair.fromSeed(keySeed);
            PrivateKey secret = factory.generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, keySeed));
            java.security.Signature jdk = java.security.Signature.getInstance("Ed25519");
            jdk.initSign(secret);
            jdk.update(message);
            Signature signature = Ed25519.sign(message, pair.secretKey());
            assertThat(signature.bytes()).as("seed " + seed).isEqualTo(jdk.sign());

            byte[] encodedKey = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + 32);
            pair.publicKey().copyTo(encodedKey, X509_PREFIX.length);
            jdk.initVerify(factory.generatePublic(new X509EncodedKeySpec(encodedKey)));
            jdk.update(message);
            assertThat(jdk.verify(signature.bytes())).as("seed " + seed).isTrue();

            byte[] changed = signature.bytes();
            changed[random.nextInt(64)] ^= (byte) (1 << random.nextInt(8));
            assertThat(Ed25519.verify(message, new Signature(changed), pair.publicKey()))
                    .as("seed " + seed)
                    .isFalse();
        }
    }

    @Test
    void shouldAgreeWithStockWhenProtocolMessagesAreSigned() {
        KeyPair pair = KeyPair.fromSeed(fill(1));
        assertThat(Ed25519.sign(Vectors.protocol("tree.signable"), pair.secretKey())
                        .bytes())
                .isEqualTo(Vectors.protocol("tree.signature"));
        byte[] announced = Blake2b.hash(fill(21), fill(23), fill(22), Vectors.protocol("announce.peer"));
        assertThat(sign(pair, Namespaces.derive("hyperswarm/dht", 4)[0], announced))
                .isEqualTo(Vectors.protocol("announce.signature"));
        byte[] mutable = Blake2b.hash(new byte[] {4, 2}, text("hi"));
        assertThat(sign(pair, Namespaces.derive("hyperswarm/dht", 6)[0], mutable))
                .isEqualTo(Vectors.protocol("mutable.signature"));
    }

    private static byte[] sign(KeyPair pair, byte[] namespace, byte[] hash) {
        byte[] signable = Arrays.copyOf(namespace, 64);
        System.arraycopy(hash, 0, signable, 32, 32);
        return Ed25519.sign(signable, pair.secretKey()).bytes();
    }

    @Test
    void shouldKeepSecretsOutOfTextsWhenPrinted() {
        KeyPair pair = KeyPair.fromSeed(pattern(32));
        String secret = hex(pair.secretKey().seed());
        assertThat(pair.secretKey().toString() + pair + new KeyPair(pair.secretKey()))
                .doesNotContain(secret)
                .doesNotContain(secret.substring(0, 8))
                .contains(pair.publicKey().hex());
        assertThatThrownBy(() -> new KeyPair(new PublicKey(fill(1)), pair.secretKey()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(secret);
        assertThatThrownBy(() -> KeyPair.fromSeed(new byte[31])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SecretKey(new byte[32])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Signature(new byte[63])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldMakeDifferentKeysWhenTheSystemIsAsked() {
        assertThat(KeyPair.generate(Entropy.system()))
                .isNotEqualTo(KeyPair.generate(Entropy.system()))
                .isNotEqualTo(KeyPair.fromSeed(new byte[32]));
    }
}
