package org.datdot.node;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.datdot.chain.Block;
import org.datdot.chain.ChainExport;
import org.datdot.chain.Header;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.Replay;
import org.datdot.hosting.FileTree;
import org.datdot.hosting.PalletTreeHeads;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot chain verify FILE}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Execute all blocks of an export again, from the chain's specification on, and compare every signature"
                    + " and state root.",
            "No ledger is needed, unless --compare asks one whether it has the same blocks. The state is kept below"
                    + " --home meanwhile, so that it may be larger than the memory, and deleted at the end."
        })
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Parameters(index = "0", paramLabel = "FILE", description = "What `datdot chain export` wrote.")
    Path file = Path.of("");

    @Option(names = "--compare", description = "Ask the ledger whether the last block is its own, too.")
    boolean compare;

    @Option(
            names = "--genesis",
            paramLabel = "HEX",
            description = "The chain it must be, as `datdot chain status` shows it.")
    @Nullable
    String genesis;

    @Override
    public Integer call() throws IOException {
        try (DataDirectory folder = DataDirectory.open(global.home().root().resolve("verify"))) {
            Path state = folder.resolve("state");
            // What one that was killed may have left.
            FileTree.delete(state);
            try {
                verify(state);
            } finally {
                FileTree.delete(state);
            }
        }
        return Exit.OK.code();
    }

    private void verify(Path state) throws IOException {
        long start = System.nanoTime();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20);
                Replay replay = ChainExport.verify(in, new PalletTreeHeads(), state, block -> {})) {
            double seconds = (System.nanoTime() - start) / 1e9;
            String expected = genesis;
            if (expected != null && !replay.genesis().hex().equals(expected)) {
                throw new NodeException(
                        Exit.FAILED,
                        "the export is of the chain " + replay.genesis().hex() + ", not of " + expected);
            }
            if (compare) {
                compare(replay);
            }
            tell(replay, seconds);
        }
    }

    private void tell(Replay replay, double seconds) {
        Header head = replay.head();
        if (global.json) {
            Json.print(Json.object(
                    "genesis", replay.genesis().hex(),
                    "block", head.number(),
                    "hash", head.hash().hex(),
                    "stateRoot", replay.stateRoot().hex(),
                    "seconds", seconds,
                    "compared", compare));
        } else {
            global.console()
                    .line(head.number() + " blocks of the chain "
                            + replay.genesis().hex() + " are right; state root "
                            + replay.stateRoot().hex() + (compare ? ", as the ledger has it" : "")
                            + "; %.1f s".formatted(seconds));
        }
    }

    private void compare(Replay replay) {
        Header head = replay.head();
        try (LedgerClient ledger = global.ledger()) {
            Block theirs = ledger.genesis().equals(replay.genesis()) ? ledger.block(head.number()) : null;
            if (theirs == null || !theirs.header().equals(head)) {
                throw new NodeException(
                        Exit.FAILED,
                        "the ledger at " + global.network() + " does not have this block " + head.number()
                                + ": it has another chain, or another history of this one");
            }
        }
    }
}
