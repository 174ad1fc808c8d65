package org.datdot.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.Call;
import org.datdot.ledger.PalletDescription;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.Shape;
import org.datdot.ledger.StorageItem;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * All calls and storage entries of a chain by name, as its metadata has them: {@code DatDot.publish_plan}, {@code System.Account}. Upper and lower case and underscores do not matter, so
 * the names polkadot.js uses work too. Values go in and out as {@link ShapeJson} says.
 */
public final class LedgerNames {
    private final List<PalletDescription> pallets;
    private final byte[] metadata;

    /** The names of a chain with these parameters, and this version of the rules. */
    public LedgerNames(Parameters parameters) {
        this.pallets = Metadata.pallets(parameters);
        this.metadata = Metadata.encode(parameters);
    }

    /** The metadata the names are from: a ledger with other metadata has other names, or means something else by them. */
    public byte[] metadata() {
        return metadata.clone();
    }

    /** The names of all calls, with those of their fields. */
    public List<String> calls() {
        List<String> names = new ArrayList<>();
        for (PalletDescription pallet : pallets) {
            for (Shape.Option call : options(pallet)) {
                names.add(name(pallet, call.name()) + " "
                        + call.fields().stream().map(Shape.Field::name).toList());
            }
        }
        return names;
    }

    /** The names of all storage entries; a map's with how many keys it has. */
    public List<String> entries() {
        List<String> names = new ArrayList<>();
        for (PalletDescription pallet : pallets) {
            for (StorageItem item : pallet.storage()) {
                int keys = item.keyShapes().size();
                names.add(
                        name(pallet, item.item()) + (keys == 0 ? "" : keys == 1 ? " (1 key)" : " (" + keys + " keys)"));
            }
        }
        return names;
    }

    /**
     * A call with its fields, an object or a list.
     *
     * @throws IllegalArgumentException when there is no such call, or the fields are not its
     */
    public Call call(String name, JsonNode fields) {
        for (PalletDescription pallet : pallets) {
            for (Shape.Option call : options(pallet)) {
                if (same(name, name(pallet, call.name()))) {
                    ScaleEncoder out =
                            new ScaleEncoder().u8(pallet.id().index()).u8(call.index());
                    List<Shape.Field> all = call.fields();
                    JsonNode given = all.isEmpty() && fields.isNull() ? JsonNodeFactory.instance.objectNode() : fields;
                    ShapeJson.writeFields(all, given, name, out);
                    ScaleDecoder in = new ScaleDecoder(out.toBytes());
                    Call decoded = Call.decode(in);
                    in.requireEnd();
                    return decoded;
                }
            }
        }
        throw new IllegalArgumentException("there is no call " + name + "; there are " + calls());
    }

    /**
     * A storage entry.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public Entry entry(String name) {
        for (PalletDescription pallet : pallets) {
            for (StorageItem item : pallet.storage()) {
                if (same(name, name(pallet, item.item()))) {
                    return new Entry(item);
                }
            }
        }
        throw new IllegalArgumentException("there is no storage entry " + name + "; there are " + entries());
    }

    private static List<Shape.Option> options(PalletDescription pallet) {
        return pallet.calls().map(each -> ((Shape.Variant) each).options()).orElse(List.of());
    }

    private static String name(PalletDescription pallet, String part) {
        return pallet.id().palletName() + "." + part;
    }

    private static boolean same(String one, String other) {
        return plain(one).equals(plain(other));
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** A storage entry by its name. */
    public record Entry(StorageItem item) {
        private static final int PREFIX_BYTES = 32;
        private static final int KEY_HASH_BYTES = 16;

        /**
         * The state's key of a value, or the beginning of the keys of many where fewer keys are given than the map has.
         *
         * @throws IllegalArgumentException when the keys are not the map's
         */
        public byte[] key(List<JsonNode> keys) {
            List<Shape> shapes = item.keyShapes();
            if (keys.size() > shapes.size()) {
                throw new IllegalArgumentException(item.item() + " has " + shapes.size() + " keys, not " + keys.size());
            }
            List<byte[]> encoded = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                encoded.add(ShapeJson.write(shapes.get(i), keys.get(i)));
            }
            return item.stateKey(encoded);
        }

        /** Whether so many keys name one value, not many. */
        public boolean isOne(int keys) {
            return keys == item.keyShapes().size();
        }

        /** The keys in a state's key. */
        public JsonNode keys(byte[] stateKey) {
            ArrayNode out = JsonNodeFactory.instance.arrayNode();
            ScaleDecoder in = new ScaleDecoder(stateKey);
            in.fixed(PREFIX_BYTES);
            for (Shape shape : item.keyShapes()) {
                in.fixed(KEY_HASH_BYTES);
                out.add(ShapeJson.read(shape, in));
            }
            in.requireEnd();
            return out;
        }

        /** A value. */
        public JsonNode value(byte[] bytes) {
            return ShapeJson.read(item.valueShape(), bytes);
        }
    }
}
