package org.datdot.chain;

import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/**
 * A header and its extrinsics. SCALE: the header, then the list of extrinsics, each with its own length in front as in
 * Substrate (crate {@code sp-runtime}, {@code generic/block.rs}).
 *
 * @param header what was signed
 * @param extrinsics in the order they were executed
 */
public record Block(Header header, List<Extrinsic> extrinsics) {
    /** Keeps a list that cannot change. */
    public Block {
        extrinsics = List.copyOf(extrinsics);
    }

    /** What a header says about its extrinsics: BLAKE2b-256 of their SCALE list. */
    static Hash extrinsicsRoot(List<Extrinsic> extrinsics) {
        ScaleEncoder out = new ScaleEncoder();
        out.list(extrinsics, (to, extrinsic) -> to.fixed(extrinsic.encoded()));
        return new Hash(Blake2b.hash(out.toBytes()));
    }

    /** The block's bytes. */
    public byte[] encode() {
        ScaleEncoder out = new ScaleEncoder();
        header.encodeTo(out);
        return out.list(extrinsics, (to, extrinsic) -> to.fixed(extrinsic.encoded()))
                .toBytes();
    }

    /**
     * Reads a block.
     *
     * @throws DecodingException when the bytes are none
     */
    public static Block decode(byte[] bytes) {
        ScaleDecoder in = new ScaleDecoder(bytes);
        Header header = Header.decode(in);
        List<Extrinsic> extrinsics = in.list(Extrinsic::decode);
        in.requireEnd();
        return new Block(header, extrinsics);
    }
}
