package org.datdot.node;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has others below it. */
abstract class CommandGroup implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public final Integer call() {
        CommandSpec command = Objects.requireNonNull(spec);
        throw new ParameterException(
                command.commandLine(), "Which command? See `" + command.qualifiedName() + " --help`.");
    }
}
