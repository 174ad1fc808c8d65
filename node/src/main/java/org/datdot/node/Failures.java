package org.datdot.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.datdot.chain.ChainException;
import org.datdot.chain.LedgerException;
import org.datdot.chain.LedgerUnavailableException;
import org.datdot.chain.PoolException;
import org.datdot.chain.StateProofException;
import org.datdot.crypto.CryptoException;
import org.datdot.dht.DhtException;
import org.datdot.drive.DriveException;
import org.datdot.drive.FolderException;
import org.datdot.encoding.DecodingException;
import org.datdot.hosting.SponsorException;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.StorageException;
import org.datdot.ledger.LedgerError;
import org.datdot.wire.WireException;

/** Turns what the modules throw into one line for a person and an exit code for a script. */
final class Failures {
    private static final String DEFECT = "a defect of this program; please report it with the lines below: ";

    private Failures() {}

    /** Whether a failure is one nobody foresaw, so that its stack trace is of use. */
    static boolean isDefect(NodeException failure) {
        return String.valueOf(failure.getMessage()).contains(DEFECT);
    }

    /** A failure as a person should see it; what is not known is a defect, and keeps its stack trace. */
    static NodeException explain(Throwable failure) {
        return switch (failure) {
            case NodeException known -> known;
            case ExecutionException wrapped when wrapped.getCause() != null -> explain(wrapped.getCause());
            case CompletionException wrapped when wrapped.getCause() != null -> explain(wrapped.getCause());
            case UncheckedIOException wrapped when wrapped.getCause() != null -> explain(wrapped.getCause());
            case LedgerUnavailableException e ->
                new NodeException(
                        Exit.NO_LEDGER,
                        text(e)
                                + " (is the network running? `datdot devnet` starts one, --network or DATDOT_NETWORK"
                                + " names another)",
                        e);
            case LedgerException e -> new NodeException(Exit.REFUSED, refusal(e), e);
            case StateProofException e -> new NodeException(Exit.FAILED, text(e), e);
            case PoolException e -> new NodeException(Exit.REFUSED, "the ledger does not take the call: " + text(e), e);
            case ChainException e -> new NodeException(exit(e), text(e), e);
            case StorageException e -> new NodeException(Exit.DATA_DIRECTORY, text(e), e);
            case DhtException e -> new NodeException(Exit.NETWORK, text(e), e);
            case WireException e -> new NodeException(Exit.NETWORK, text(e), e);
            case NoSuchFileException e -> new NodeException(Exit.NOT_FOUND, "there is no " + e.getFile(), e);
            case FolderException e -> new NodeException(Exit.FAILED, text(e), e);
            case FileSystemException e
            when isFull(e) ->
                new NodeException(Exit.DATA_DIRECTORY, "the disk is full: free some space (" + text(e) + ")", e);
            case SponsorException e -> new NodeException(Exit.FAILED, text(e), e);
            case BlockNotAvailableException e -> new NodeException(Exit.NETWORK, text(e), e);
            case DriveException e -> new NodeException(Exit.FAILED, text(e), e);
            case DecodingException e -> new NodeException(Exit.USAGE, text(e), e);
            case CryptoException e -> new NodeException(Exit.FAILED, text(e), e);
            case InterruptedException e -> new NodeException(Exit.INTERRUPTED, "interrupted", e);
            case IOException e
            when isFull(e) ->
                new NodeException(Exit.DATA_DIRECTORY, "the disk is full: free some space (" + text(e) + ")", e);
            case IOException e -> new NodeException(Exit.FAILED, text(e), e);
            default -> new NodeException(Exit.FAILED, DEFECT + failure, failure);
        };
    }

    private static Exit exit(ChainException e) {
        return e.kind() == ChainException.Kind.ADDRESS ? Exit.NETWORK : Exit.DATA_DIRECTORY;
    }

    private static String refusal(LedgerException e) {
        String reason = e.error().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        String advice = e.error() == LedgerError.INSUFFICIENT_BALANCE
                ? "; amounts are in units of a billionth token, `datdot account` shows what you have"
                : "";
        return "the ledger refused (" + reason + "): " + e.detail() + advice;
    }

    private static boolean isFull(IOException e) {
        return text(e).contains("No space left");
    }

    private static String text(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
