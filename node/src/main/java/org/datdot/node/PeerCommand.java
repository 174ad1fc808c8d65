package org.datdot.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code datdot peer}: the library driven by another program, for tests beside the stock packages. */
@Command(
        name = "peer",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = {
            "Drive stores, cores, bees and drives from another program: one JSON request a line on standard input,"
                    + " one JSON answer a line on standard output.",
            "interop/README.md has the vocabulary. The end of the input closes everything and ends the process."
        })
final class PeerCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        try (PeerSession session = new PeerSession(PeerCommand::print)) {
            session.serve(System.in);
        }
        return Exit.OK.code();
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
