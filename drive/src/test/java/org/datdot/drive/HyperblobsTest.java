package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.datdot.encoding.CompactEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HyperblobsTest {

    private final MemoryLog log = new MemoryLog();
    private final Hyperblobs blobs = new Hyperblobs(log);

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 5_000_000})
    void shouldReadWhatWasPutWhenLengthsAreOdd(int length) {
        blobs.put(random(1, 100));
        byte[] content = random(length, length);
        BlobId id = blobs.put(content);
        assertThat(id).isEqualTo(new BlobId(1, 100, (length + 65535) / 65536, length, false));
        assertThat(blobs.get(id)).isEqualTo(content);
        for (int i = 1; i < log.blocks.size() - 1; i++) {
            assertThat(log.blocks.get(i)).hasSize(65536);
        }
    }

    @Test
    void shouldAppendInBatchesWhenABlobIsBig() {
        blobs.put(new byte[20 * 65536 * 16]);
        assertThat(log.blocks).hasSize(320);
        assertThat(log.appends).isEqualTo(5);
    }

    @Test
    void shouldAppendOnceWhenManySmallBlobsAreWritten() {
        List<BlobId> ids = new ArrayList<>();
        try (BlobWriter writer = blobs.writer()) {
            for (int i = 0; i < 500; i++) {
                ids.add(writer.write(random(i, i)));
            }
            writer.flush();
        }
        assertThat(log.appends).isEqualTo(1);
        for (int i = 0; i < 500; i++) {
            assertThat(blobs.get(ids.get(i))).isEqualTo(random(i, i));
        }
    }

    @Test
    void shouldKeepTheLogWhenASourceFails() throws IOException {
        InputStream failing = new SequenceInputStream(
                new ByteArrayInputStream(new byte[100_000]), new FilterInputStream(InputStream.nullInputStream()) {
                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        throw new IOException("the disk is gone");
                    }
                });
        assertThatThrownBy(() -> blobs.put(failing)).hasMessage("the disk is gone");
        byte[] content = random(3, 70_000);
        assertThat(blobs.get(blobs.put(new ByteArrayInputStream(content)))).isEqualTo(content);
    }

    @Test
    void shouldReadAnyRangeWhenBlocksAreUneven() throws IOException {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            MemoryLog uneven = new MemoryLog();
            uneven.append(List.of(random(seed, 1000)));
            byte[] content = random(seed, 200_000);
            List<byte[]> blocks = new ArrayList<>();
            for (int at = 0; at < content.length; ) {
                int length = Math.min(content.length - at, random.nextInt(random.nextBoolean() ? 100 : 70_000));
                blocks.add(Arrays.copyOfRange(content, at, at + length));
                at += length;
            }
            uneven.append(blocks);
            BlobId id = new BlobId(1, 1000, blocks.size(), content.length, false);
            requireRanges(new Hyperblobs(uneven), id, content, random, "seed " + seed);
        }
    }

    private static void requireRanges(Hyperblobs blobs, BlobId id, byte[] content, Random random, String what)
            throws IOException {
        assertThat(blobs.get(id)).as(what).isEqualTo(content);
        for (int i = 0; i < 50; i++) {
            int start = random.nextInt(content.length + 10);
            int length = random.nextInt(random.nextBoolean() ? 20 : content.length);
            int from = Math.min(start, content.length);
            byte[] expected = Arrays.copyOfRange(content, from, Math.min(content.length, from + length));
            try (InputStream in = blobs.open(id, start, length)) {
                assertThat(in.readAllBytes())
                        .as("%s, %d bytes from %d", what, length, start)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldReadRangesWhenBlocksComeFromAMap() throws IOException {
        byte[] a = random(1, 300);
        byte[] b = random(2, 65536);
        log.append(List.of(
                b,
                a,
                new CompactEncoder()
                        .uint(0)
                        .uint(3)
                        .uint(1)
                        .uint(300)
                        .uint(0)
                        .uint(65536)
                        .uint(1)
                        .uint(300)
                        .toBytes()));
        BlobId id = new BlobId(2, 65836, 1, log.blocks.get(2).length, true);
        byte[] content = new byte[66136];
        System.arraycopy(a, 0, content, 0, 300);
        System.arraycopy(b, 0, content, 300, 65536);
        System.arraycopy(a, 0, content, 65836, 300);
        assertThat(blobs.byteLength(id)).isEqualTo(66136);
        requireRanges(blobs, id, content, new Random(1), "map");
    }

    @Test
    void shouldRefuseABlobWhenItsIdDoesNotFitItsBlocks() {
        log.append(List.of(new byte[65536], new byte[65536], new byte[10]));
        for (BlobId wrong : List.of(
                new BlobId(0, 0, 3, 131083, false),
                new BlobId(0, 0, 3, 131081, false),
                new BlobId(0, 0, 2, 131082, false),
                new BlobId(0, 0, 3, 131072, false))) {
            assertThatThrownBy(() -> blobs.get(wrong)).as("%s", wrong).isInstanceOf(CorruptDriveException.class);
        }
    }

    @Test
    void shouldRefuseABlockMapWhenItIsMalformed() {
        for (byte[] block : List.of(
                new byte[0],
                new byte[] {1, 0},
                new byte[] {0, (byte) 253, (byte) 255, (byte) 255},
                new byte[] {0, 5, 1, 1},
                new byte[] {0, 1, 0, 9})) {
            MemoryLog broken = new MemoryLog();
            broken.append(List.of(block));
            Hyperblobs read = new Hyperblobs(broken);
            assertThatThrownBy(() -> read.get(new BlobId(0, 0, 1, block.length, true)))
                    .as("%s", Arrays.toString(block))
                    .isInstanceOf(CorruptDriveException.class);
        }
        assertThatThrownBy(() -> blobs.get(new BlobId(0, 0, 65, 10, true))).isInstanceOf(CorruptDriveException.class);
    }
}
