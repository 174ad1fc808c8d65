package org.datdot.chain;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A ledger process for tests to kill: makes blocks as fast as it can and prints each one it told of. */
final class ChainProcess {
    private ChainProcess() {}

    /** Starts it; {@code fileBytes} bounds the size of its files, 0 does not. */
    static Process start(Path directory, int fileBytes) throws IOException {
        return java(ChainProcess.class, List.of(), List.of(directory.toString(), Integer.toString(fileBytes)));
    }

    /** Starts a program of the tests with more options of the JVM. */
    static Process java(Class<?> program, List<String> options, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), program.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Makes the operating system refuse to write beyond a file's first bytes, as on a full disk. */
    private static void limitFiles(int fileBytes) throws IOException, InterruptedException {
        String pid = Long.toString(ProcessHandle.current().pid());
        Process prlimit = new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + fileBytes)
                .inheritIO()
                .start();
        if (prlimit.waitFor() != 0) {
            throw new IOException("prlimit failed");
        }
    }

    /** Of the tests themselves, wherever the one who runs them keeps it. */
    private static String classPath() {
        if (!(ChainProcess.class.getClassLoader() instanceof URLClassLoader loader)) {
            return System.getProperty("java.class.path");
        }
        return Stream.of(loader.getURLs())
                .map(url -> Path.of(URI.create(url.toString())).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        try (Chain chain = TestChain.open(Path.of(arguments[0]));
                EmbeddedEngine engine = EmbeddedEngine.start(
                        chain, TestChain.AUTHORITY, Duration.ofMillis(2), InstantSource.system())) {
            if (!arguments[1].equals("0")) {
                limitFiles(Integer.parseInt(arguments[1]));
            }
            Subscription heads = chain.onHead(header -> {
                out.println("block " + header.number() + " " + header.hash().hex());
                out.flush();
                try {
                    TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, header.number()));
                } catch (ChainException e) {
                    out.println("refused " + e.kind());
                }
            });
            try {
                engine.stopped().join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof ChainException failure) {
                    out.println("stopped " + failure.kind() + " " + failure.getMessage());
                }
                try {
                    TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, 1));
                } catch (ChainException refusal) {
                    out.println("refused " + refusal.kind());
                }
                out.println("head " + chain.head().number() + " "
                        + chain.block(chain.head().number()));
            }
            heads.close();
            out.flush();
        }
    }
}
