package org.datdot.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.datdot.hosting.Sealing;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot demo [FOLDER]}: the main job from nothing, on this machine. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Run a local network and show the main job from nothing.",
            "It publishes a folder, pays for hosting, stops the publisher and a hoster, reads every byte back, shows",
            "proofs passing, the hoster being replaced and the money moving. Nothing leaves 127.0.0.1, and all of",
            "it is removed at the end."
        })
final class DemoCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            description = "What to publish (default: the project's own docs).")
    @Nullable
    Path folder;

    @Option(
            names = "--providers",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many providers; at least 10 (default: ${DEFAULT-VALUE}).")
    int providers;

    @Option(
            names = "--sealed",
            description = {
                "Have every copy sealed, so that no provider can make one again from the others.",
                "Encoding then takes long: some seconds for each MB."
            })
    boolean sealed;

    @Option(
            names = "--keep",
            paramLabel = "FOLDER",
            description = "Keep the network's folders here instead of removing them.")
    @Nullable
    Path keep;

    @Override
    public Integer call() throws Exception {
        Console console = Console.standard(false);
        if (providers < 10) {
            throw new NodeException(
                    Exit.USAGE, "the demo needs at least 10 providers: a setup takes 7, a replacement 3 more");
        }
        Path data = PublishCommand.existing(folder());
        Path place = keep == null ? Files.createTempDirectory("datdot-demo-") : Files.createDirectories(keep);
        try {
            new Demo(console, data, place, providers, sealed ? Sealing.TRAPDOOR : Sealing.PLAIN).run();
        } catch (Exception e) {
            NodeException known = Failures.explain(e);
            throw new NodeException(
                    known.exit() == Exit.OK ? Exit.FAILED : known.exit(), "demo: failed: " + known.getMessage(), e);
        } finally {
            if (keep == null) {
                GetCommand.delete(place);
            }
        }
        console.line("demo: ok");
        return Exit.OK.code();
    }

    private Path folder() {
        Path named = folder;
        if (named != null) {
            return named;
        }
        String root = System.getenv("DATDOT_ROOT");
        return Path.of(root == null ? "." : root).resolve("docs");
    }
}
