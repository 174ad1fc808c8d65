package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.datdot.encoding.ScaleDecoder;
import org.junit.jupiter.api.Test;

class PalletDescriptionTest {
    private static final List<PalletDescription> PALLETS =
            PalletDescription.all(Parameters.devnet(), List.of(), Map.of());

    private static List<Shape.Option> options(Optional<Shape> shape) {
        return shape.map(each -> ((Shape.Variant) each).options()).orElse(List.of());
    }

    private static PalletDescription datdot() {
        return PALLETS.get(PalletId.DATDOT.index());
    }

    @Test
    void shouldDescribeEveryCallAndEventThereIs() {
        List<String> calls = PALLETS.stream()
                .flatMap(pallet -> options(pallet.calls()).stream())
                .map(Shape.Option::name)
                .toList();
        List<String> expected = Arrays.stream(Call.class.getPermittedSubclasses())
                .map(each -> each == Call.Transfer.class
                        ? "transfer_allow_death"
                        : each.getSimpleName()
                                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                                .toLowerCase(Locale.ROOT))
                .toList();
        assertThat(calls).containsExactlyInAnyOrderElementsOf(expected).hasSizeGreaterThanOrEqualTo(7);
        assertThat(PALLETS.stream()
                        .flatMap(pallet -> options(pallet.events()).stream())
                        .map(Shape.Option::name))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Event.class.getPermittedSubclasses())
                        .map(Class::getSimpleName)
                        .toList());
    }

    @Test
    @SuppressWarnings("EnumOrdinal")
    void shouldDescribeEveryErrorAndConstantThereIs() {
        assertThat(options(datdot().errors())).hasSize(LedgerError.values().length);
        for (LedgerError error : LedgerError.values()) {
            Shape.Option option = options(datdot().errors()).get(error.ordinal());
            assertThat(option.index()).isEqualTo(error.ordinal());
            assertThat(option.name().toUpperCase(Locale.ROOT))
                    .isEqualTo(error.name().replace("_", ""));
        }
        assertThat(datdot().constants().stream().map(each -> each.name().toLowerCase(Locale.ROOT)))
                .containsExactlyElementsOf(parameterNames(Parameters.class)
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .toList());
    }

    private static Stream<String> parameterNames(Class<?> group) {
        return Arrays.stream(group.getRecordComponents())
                .flatMap(
                        each -> each.getType().isRecord() ? parameterNames(each.getType()) : Stream.of(each.getName()));
    }

    @Test
    void shouldDescribeEveryStorageItemThatAnyClassDeclares() throws Exception {
        List<StorageItem> declared = new ArrayList<>();
        for (Class<?> type : classes()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && StorageItem.class.isAssignableFrom(field.getType())) {
                    declared.add((StorageItem) field.get(null));
                }
            }
        }
        assertThat(PALLETS.stream().flatMap(pallet -> pallet.storage().stream()))
                .containsExactlyInAnyOrderElementsOf(declared)
                .hasSizeGreaterThan(20);
        assertThat(declared.stream().map(item -> item.pallet() + "." + item.item()))
                .doesNotHaveDuplicates();
    }

    private static List<Class<?>> classes() throws IOException, URISyntaxException, ClassNotFoundException {
        Path folder = Path.of(Storage.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(folder)) {
            List<Class<?>> classes = new ArrayList<>();
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".class")).toList()) {
                String name = folder.relativize(file).toString().replace('/', '.');
                if (!name.endsWith("-info.class")) {
                    classes.add(Class.forName(name.substring(0, name.length() - ".class".length())));
                }
            }
            return classes;
        }
    }

    @Test
    void shouldWriteWhatItsShapeSaysForEveryCallEventAndItem() {
        for (long seed = 0; seed < 2_000; seed++) {
            Samples samples = new Samples(seed);
            walk(Call.CODEC, samples.call(), seed);
            walk(Event.CODEC, samples.event(), seed);
            walk(Item.CODEC, samples.item(), seed);
            walk(AccountData.CODEC, samples.accountData(), seed);
        }
    }

    /** Reads a value by its shape alone, as a client does that only has metadata: all bytes, and no more, are to be used. */
    private static <T> void walk(Codec<T> codec, T value, long seed) {
        ScaleDecoder in = new ScaleDecoder(codec.encode(value));
        walk(codec.shape(), in);
        assertThat(in.remaining()).as("seed %d: %s", seed, value).isZero();
    }

    private static void walk(Shape shape, ScaleDecoder in) {
        switch (shape) {
            case Shape.Primitive primitive -> {
                switch (primitive) {
                    case BOOL -> in.bool();
                    case STR -> in.string();
                    case U8 -> in.u8();
                    case U16 -> in.u16();
                    case U32 -> in.u32();
                    case U64 -> in.u64Bits();
                    case U128 -> in.u128();
                }
            }
            case Shape.Compact _ -> in.compactBig();
            case Shape.Sequence(Shape of) -> {
                for (long left = in.compact(); left > 0; left--) {
                    walk(of, in);
                }
            }
            case Shape.Array(int length, Shape of) -> {
                for (int i = 0; i < length; i++) {
                    walk(of, in);
                }
            }
            case Shape.Tuple(List<Shape> of) -> of.forEach(each -> walk(each, in));
            case Shape.Composite composite -> composite.fields().forEach(field -> walk(field.shape(), in));
            case Shape.Variant variant -> {
                int index = in.u8();
                variant.options().stream()
                        .filter(option -> option.index() == index)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(variant.path() + " has no option " + index))
                        .fields()
                        .forEach(field -> walk(field.shape(), in));
            }
        }
    }
}
