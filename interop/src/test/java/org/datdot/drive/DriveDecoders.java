package org.datdot.drive;

import static org.datdot.interop.Rendering.fields;
import static org.datdot.interop.Rendering.hex;
import static org.datdot.interop.Rendering.list;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datdot.encoding.Utf8;

/** Lets interop's FuzzTest reach the decoders of this package; the values come back as text. */
public final class DriveDecoders {
    /** Later than every block a fuzzed node can point at, so that pointers are not what refuses it. */
    private static final long SEQ = Long.MAX_VALUE;

    private DriveDecoders() {}

    /** A block of a bee. */
    public static String node(byte[] bytes) {
        BeeNode node = BeeNode.decode(SEQ, bytes);
        List<String> levels = new ArrayList<>();
        for (BeeNode.Level level : node.levels) {
            levels.add(fields(numbers(level.keys()), numbers(level.children())));
        }
        return fields(hex(node.key), hex(node.value), list(levels, text -> text))
                + hex(BeeNode.encode(node.key, node.value, node.levels));
    }

    /** A message of the extension of bees. */
    public static String hint(byte[] bytes) {
        return switch (BeeHint.decode(bytes)) {
            case BeeHint.Blocks m -> fields("blocks", numbers(m.indexes()));
            case BeeHint.Get m -> fields("get", exact(m.version()), hex(m.key()));
            case BeeHint.Walk m -> fields("walk", exact(m.version()), m.range().reversed, numbers(m.checkpoint()));
        };
    }

    /** A block of the list of a deduplicated blob's blocks. */
    public static String blockMap(byte[] bytes) {
        BlockMap map = BlockMap.decode(0, bytes);
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < map.indexes().length; i++) entries.add(fields(map.indexes()[i], map.byteLengths()[i]));
        return list(entries, text -> text) + list(map.encode(), block -> hex(block));
    }

    /** The name of a file, normalised. */
    public static String path(byte[] utf8) {
        try {
            return hex(DrivePath.of(Utf8.decode(utf8)).getBytes(StandardCharsets.UTF_8));
        } catch (CorruptDriveException e) {
            throw e;
        } catch (DriveException e) {
            throw new CorruptDriveException(String.valueOf(e.getMessage()), e);
        }
    }

    private static String numbers(long[] numbers) {
        return list(Arrays.stream(numbers).boxed().toList(), DriveDecoders::exact);
    }

    /** Stock rounds block numbers that JavaScript cannot hold; no core is that long. */
    private static String exact(long number) {
        if (number >= 1L << 53) throw new CorruptDriveException("block " + number);
        return String.valueOf(number);
    }

    /** The first block of a bee. */
    public static String header(byte[] bytes) {
        BeeHeader header = BeeHeader.decode(bytes);
        BeeHeader.Metadata metadata = header.metadata();
        return fields(
                        hex(header.protocol().getBytes(StandardCharsets.UTF_8)),
                        metadata == null ? null : fields(hex(metadata.contentFeed()), hex(metadata.userData())))
                + hex(header.encode());
    }

    /** The value of a drive's entry. */
    public static String entry(byte[] bytes) {
        DriveEntry entry = DriveEntry.decode("/file", new BeeEntry(1, new byte[0], bytes));
        BlobId blob = entry.blob();
        String link = entry.linkname();
        return fields(
                entry.executable(),
                link == null ? null : hex(link.getBytes(StandardCharsets.UTF_8)),
                blob == null
                        ? null
                        : fields(
                                blob.blockOffset(),
                                blob.byteOffset(),
                                blob.blockLength(),
                                blob.byteLength(),
                                blob.blockMap()));
    }
}
