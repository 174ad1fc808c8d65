package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.drive.Hyperblobs;
import org.datdot.drive.Hyperdrive;
import org.datdot.drive.TransferMonitor;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.SwarmOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code datdot drive serve} says of what it sends. */
@Timeout(2 * DatdotProcess.LIMIT_SECONDS)
class DriveServeTest {
    @TempDir
    Path place;

    @Test
    void shouldDrawWhatWasSentOnATerminalAndLeaveTheSumBehind() throws IOException, InterruptedException {
        byte[] content = "from here".repeat(30_000).getBytes(StandardCharsets.UTF_8);
        try (Corestore store = Corestore.open(place.resolve("far"), StoreOptions.defaults());
                Peers peers = new Peers(KeyPair.generate(Entropy.system()), store, SwarmOptions.defaults())) {
            Hyperdrive drive = Hyperdrive.open(store);
            drive.put("/far.txt", content);
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
            TransferMonitor monitor = drive.monitor(null);
            CountDownLatch all = new CountDownLatch(1);
            String key = drive.key().toString();
            String address = Addresses.text(peers.listen(ProviderNode.loopback(0)));
            try (SentBar bar = new SentBar(new Console(out, true, false), monitor)) {
                // The file's blocks and at least one that names it.
                monitor.onUpdate(() -> {
                    if (monitor.uploads().bytes() > content.length) all.countDown();
                });
                assertThat(new StoreCli(place).done("near", "drive", "get", key, "/far.txt", "--peer", address).out)
                        .hasSize(content.length);
                assertThat(all.await(DatdotProcess.LIMIT_SECONDS, TimeUnit.SECONDS))
                        .isTrue();
                bar.show();
            }
            String text = printed.toString(StandardCharsets.UTF_8);
            assertThat(text).contains("  sent ", " peers\r\u001b[K");
            Matcher sum = Pattern.compile("sent .+ in (\\d+) blocks\\R$").matcher(text);
            assertThat(sum.find()).as("the last line of %s", text).isTrue();
            assertThat(Integer.parseInt(sum.group(1)))
                    .isGreaterThan(Math.ceilDiv(content.length, Hyperblobs.BLOCK_BYTES));
        }
    }
}
