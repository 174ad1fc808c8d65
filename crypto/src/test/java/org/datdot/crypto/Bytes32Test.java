package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.fill;
import static org.datdot.crypto.Vectors.pattern;

import java.util.List;
import java.util.TreeSet;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;

class Bytes32Test {
    @Test
    void shouldStayTheSameWhenArraysAroundItChange() {
        byte[] source = fill(1);
        Hash hash = new Hash(source);
        source[0] = 9;
        hash.bytes()[0] = 9;
        assertThat(hash).isEqualTo(new Hash(fill(1))).hasSameHashCodeAs(new Hash(fill(1)));
        byte[] target = new byte[40];
        hash.copyTo(target, 5);
        assertThat(new Hash(target, 5)).isEqualTo(hash);
        assertThat(hash.hex()).isEqualTo("01".repeat(32)).isEqualTo(hash.toString());
    }

    @Test
    void shouldDifferWhenClassesDiffer() {
        List<Bytes32> all = List.of(
                new PublicKey(fill(1)),
                new CoreKey(fill(1)),
                new DiscoveryKey(fill(1)),
                new TreeHash(fill(1)),
                new Hash(fill(1)));
        assertThat(all).doesNotHaveDuplicates();
        assertThat(new TreeSet<>(all)).hasSize(all.size());
    }

    @Test
    void shouldSortAsUnsignedBytesWhenCompared() {
        assertThat(new Hash(fill(0x7f))).isLessThan(new Hash(fill(0x80)));
        assertThat(new Hash(fill(0x80))).isLessThan(new Hash(fill(0xff)));
        assertThat(new Hash(fill(3)).compareTo(new Hash(fill(3)))).isZero();
    }

    @Test
    void shouldRefuseBytesWhenThereAreNot32() {
        assertThatThrownBy(() -> new PublicKey(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PublicKey");
        assertThatThrownBy(() -> new TreeHash(new byte[33])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TreeHash(new byte[33], 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldReadACoreKeyWhenItsTextIsGiven() {
        CoreKey key = new CoreKey(pattern(32));
        assertThat(key.toString()).hasSize(52);
        assertThat(CoreKey.parse(key.toString())).isEqualTo(key);
        assertThat(CoreKey.parse(key.hex())).isEqualTo(key);
        assertThat(CoreKey.parse("pear://" + key)).isEqualTo(key);
        assertThatThrownBy(() -> CoreKey.parse("not a key")).isInstanceOf(DecodingException.class);
    }
}
