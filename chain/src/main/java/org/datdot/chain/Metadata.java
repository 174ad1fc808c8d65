package org.datdot.chain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.datdot.crypto.Ss58;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;
import org.datdot.ledger.Codec;
import org.datdot.ledger.PalletDescription;
import org.datdot.ledger.PalletId;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.Shape;
import org.datdot.ledger.Shape.Composite;
import org.datdot.ledger.Shape.Field;
import org.datdot.ledger.Shape.Parameter;
import org.datdot.ledger.Shape.Primitive;
import org.datdot.ledger.StorageItem;

/**
 * What lets a client of Substrate's read and write all of the ledger: metadata of version 14 (crate {@code frame-metadata}, {@code v14.rs}, and {@code scale-info} for its
 * registry of types), made out of the pallets' own declarations ({@link PalletDescription}).
 */
final class Metadata {
    private static final int MAGIC = 0x6174656d;
    private static final int VERSION = 14;
    private static final int EXTRINSIC_FORMAT = 4;
    private static final int HASHER_BLAKE2_128_CONCAT = 2;
    private static final Shape NOTHING = new Shape.Tuple(List.of());
    private static final Shape HASH = Codec.of(org.datdot.crypto.Hash.class).shape();
    private static final Shape SIGNATURE =
            Composite.of("sp_core::ed25519::Signature", Field.unnamed(new Shape.Array(64, Primitive.U8)));

    /** A signer, or receiver: of the kinds Substrate has, the one that exists here. */
    private static final Shape ADDRESS = new Shape.Variant(
            List.of("sp_runtime", "multiaddress", "MultiAddress"),
            List.of(
                    new Parameter("AccountId", Codec.of(AccountId.class).shape()),
                    new Parameter("AccountIndex", NOTHING)),
            List.of(new Shape.Option(
                    0, "Id", List.of(Field.unnamed(Codec.of(AccountId.class).shape())))));

    private static final Shape MULTI_SIGNATURE = Shape.Variant.of(
            "sp_runtime::MultiSignature", List.of(new Shape.Option(0, "Ed25519", List.of(Field.unnamed(SIGNATURE)))));

    /** What is written with the call, and what is only signed, in the order of {@link Extrinsic#payload}. */
    private record Extension(String name, Shape written, Shape signed) {}

    private static final List<Extension> EXTENSIONS = List.of(
            new Extension("CheckSpecVersion", NOTHING, Primitive.U32),
            new Extension("CheckTxVersion", NOTHING, Primitive.U32),
            new Extension("CheckGenesis", NOTHING, HASH),
            new Extension("CheckMortality", era(), HASH),
            new Extension("CheckNonce", new Shape.Compact(Primitive.U32), NOTHING),
            new Extension("ChargeTransactionPayment", new Shape.Compact(Primitive.U128), NOTHING));

    /** An era by its first byte; mortal ones have one byte more. */
    private static Shape era() {
        List<Shape.Option> options = new ArrayList<>();
        options.add(new Shape.Option(0, "Immortal", List.of()));
        for (int first = 1; first < 256; first++) {
            options.add(new Shape.Option(first, "Mortal" + first, List.of(Field.unnamed(Primitive.U8))));
        }
        return Shape.Variant.of("sp_runtime::generic::era::Era", options);
    }

    private final List<Shape> types = new ArrayList<>();
    private final Map<Shape, Integer> ids = new HashMap<>();

    private Metadata() {}

    /** The metadata of a chain. */
    static byte[] encode(Parameters parameters) {
        return new Metadata().encodeAll(pallets(parameters));
    }

    /** The pallets of a chain with all that clients can see of them. */
    static List<PalletDescription> pallets(Parameters parameters) {
        return PalletDescription.all(
                parameters,
                List.of(ChainStorage.class),
                Map.of(
                        PalletId.SYSTEM,
                        List.of(
                                PalletDescription.Constant.of(
                                        "BlockHashCount", Codec.U32, ChainStorage.BLOCK_HASH_COUNT),
                                PalletDescription.Constant.of("SS58Prefix", Codec.U16, Ss58.SUBSTRATE_PREFIX))));
    }

    private byte[] encodeAll(List<PalletDescription> pallets) {
        ScaleEncoder body = new ScaleEncoder();
        body.list(pallets, this::encodePallet);
        List<Parameter> parts = List.of(
                new Parameter("Address", ADDRESS),
                new Parameter("Call", Call.CODEC.shape()),
                new Parameter("Signature", MULTI_SIGNATURE),
                new Parameter(
                        "Extra",
                        new Shape.Tuple(
                                EXTENSIONS.stream().map(Extension::written).toList())));
        Shape extrinsic = new Composite(
                List.of("sp_runtime", "generic", "unchecked_extrinsic", "UncheckedExtrinsic"),
                parts,
                List.of(Field.unnamed(Shape.BYTES)));
        body.compact(id(extrinsic)).u8(EXTRINSIC_FORMAT);
        body.list(
                EXTENSIONS,
                (out, each) -> out.string(each.name).compact(id(each.written)).compact(id(each.signed)));
        body.compact(id(new Composite(List.of("datdot_runtime", "Runtime"), List.of(), List.of())));
        ScaleEncoder out = new ScaleEncoder().u32(MAGIC).u8(VERSION);
        out.compact(types.size());
        for (int i = 0; i < types.size(); i++) {
            out.compact(i);
            encodeType(out, types.get(i));
        }
        return out.fixed(body.toBytes()).toBytes();
    }

    private void encodePallet(ScaleEncoder out, PalletDescription pallet) {
        String name = pallet.id().palletName();
        out.string(name);
        out.bool(!pallet.storage().isEmpty());
        if (!pallet.storage().isEmpty()) {
            out.string(name).list(pallet.storage(), this::encodeStorage);
        }
        encodeOptional(out, pallet.calls());
        encodeOptional(out, pallet.events());
        out.list(pallet.constants(), (to, constant) -> {
            to.string(constant.name()).compact(id(constant.shape())).bytes(constant.value());
            noDocs(to);
        });
        encodeOptional(out, pallet.errors());
        out.u8(pallet.id().index());
    }

    private void encodeStorage(ScaleEncoder out, StorageItem item) {
        out.string(item.item()).u8(item.fallback().isPresent() ? 1 : 0);
        List<Shape> keys = item.keyShapes();
        if (keys.isEmpty()) {
            out.u8(0);
        } else {
            out.u8(1).list(keys, (to, key) -> to.u8(HASHER_BLAKE2_128_CONCAT));
            out.compact(id(keys.size() == 1 ? keys.getFirst() : new Shape.Tuple(keys)));
        }
        // Where there is no fallback, readers see an option that is empty.
        out.compact(id(item.valueShape())).bytes(item.fallback().orElse(new byte[] {0}));
        noDocs(out);
    }

    private void encodeOptional(ScaleEncoder out, Optional<Shape> shape) {
        out.bool(shape.isPresent());
        shape.ifPresent(present -> out.compact(id(present)));
    }

    /** The number of a type, after those it is made of. */
    private int id(Shape shape) {
        Integer known = ids.get(shape);
        if (known != null) {
            return known;
        }
        switch (shape) {
            case Primitive _ -> {}
            case Shape.Compact(Shape of) -> id(of);
            case Shape.Sequence(Shape of) -> id(of);
            case Shape.Array(int _, Shape of) -> id(of);
            case Shape.Tuple(List<Shape> of) -> of.forEach(this::id);
            case Composite composite -> {
                composite.parameters().forEach(each -> id(each.shape()));
                composite.fields().forEach(each -> id(each.shape()));
            }
            case Shape.Variant variant -> {
                variant.parameters().forEach(each -> id(each.shape()));
                variant.options().forEach(option -> option.fields().forEach(each -> id(each.shape())));
            }
        }
        int next = types.size();
        types.add(shape);
        ids.put(shape, next);
        return next;
    }

    private void encodeType(ScaleEncoder out, Shape shape) {
        switch (shape) {
            case Composite(List<String> path, List<Parameter> parameters, List<Field> fields) -> {
                encodePath(out, path, parameters);
                encodeFields(out.u8(0), fields);
            }
            case Shape.Variant(List<String> path, List<Parameter> parameters, List<Shape.Option> options) -> {
                encodePath(out, path, parameters);
                out.u8(1).list(options, (to, option) -> {
                    encodeFields(to.string(option.name()), option.fields());
                    noDocs(to.u8(option.index()));
                });
            }
            case Shape.Sequence(Shape of) -> {
                encodePath(out, List.of(), List.of());
                out.u8(2).compact(id(of));
            }
            case Shape.Array(int length, Shape of) -> {
                encodePath(out, List.of(), List.of());
                out.u8(3).u32(length).compact(id(of));
            }
            case Shape.Tuple(List<Shape> of) -> {
                encodePath(out, List.of(), List.of());
                out.u8(4).list(of, (to, each) -> to.compact(id(each)));
            }
            case Primitive primitive -> {
                encodePath(out, List.of(), List.of());
                out.u8(5).u8(primitive.number());
            }
            case Shape.Compact(Shape of) -> {
                encodePath(out, List.of(), List.of());
                out.u8(6).compact(id(of));
            }
        }
        noDocs(out);
    }

    private void encodePath(ScaleEncoder out, List<String> path, List<Parameter> parameters) {
        out.list(path, ScaleEncoder::string);
        out.list(parameters, (to, each) -> to.string(each.name()).u8(1).compact(id(each.shape())));
    }

    private void encodeFields(ScaleEncoder out, List<Field> fields) {
        // Neither names of Rust's types nor documentation.
        out.list(fields, (to, field) -> {
            to.option(field.name(), ScaleEncoder::string)
                    .compact(id(field.shape()))
                    .u8(0);
            noDocs(to);
        });
    }

    private static void noDocs(ScaleEncoder out) {
        out.compact(0);
    }
}
