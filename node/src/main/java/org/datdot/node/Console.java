package org.datdot.node;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * What a person watching sees: stages, lines, tables, and progress bars where the output is a terminal, plain lines where it is not.
 * Thread-safe; a bar is wiped before a line is printed over it.
 */
public final class Console {
    private final PrintStream out;
    private final boolean terminal;
    private final boolean silent;
    private String bar = "";

    /**
     * @param out where to print
     * @param terminal whether {@code out} understands carriage returns and ANSI erase
     * @param silent print nothing at all, as with --json
     */
    public Console(PrintStream out, boolean terminal, boolean silent) {
        this.out = out;
        this.terminal = terminal;
        this.silent = silent;
    }

    /** The process's standard output, or nothing where machines read it. */
    @SuppressWarnings("SystemConsoleNull") // JDK 25's built-in console is null again when the streams are redirected
    public static Console standard(boolean json) {
        var console = System.console();
        return new Console(System.out, console != null && console.isTerminal(), json);
    }

    /** The process's standard error, for what is no answer; nothing where machines read. */
    static Console error(boolean json) {
        Console standard = standard(json);
        return new Console(System.err, standard.terminal, json);
    }

    /** Whether somebody looks at it. */
    boolean terminal() {
        return terminal && !silent;
    }

    /** A headline over what follows. */
    public void stage(String title) {
        line("");
        line(terminal ? "\u001b[1m" + title + "\u001b[0m" : "== " + title);
    }

    /** One line. */
    public synchronized void line(String text) {
        if (silent) {
            return;
        }
        erase();
        out.println(text);
        draw();
    }

    /** Rows under a head, columns as wide as their widest cell; numbers (cells that start with a digit or minus) to the right. */
    public void table(List<String> head, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>();
        all.add(head);
        all.addAll(rows);
        int[] widths = new int[head.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : all) {
            StringBuilder text = new StringBuilder("  ");
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                String padding = " ".repeat(widths[i] - cell.length());
                boolean number = !rows.isEmpty() && isNumber(rows.getFirst().get(i));
                text.append(number ? padding + cell : cell + padding).append("  ");
            }
            line(text.toString().stripTrailing());
        }
    }

    private static boolean isNumber(String cell) {
        return !cell.isEmpty() && (Character.isDigit(cell.charAt(0)) || cell.charAt(0) == '-');
    }

    /** A bar for bytes of work of a known size; close it when the work has ended. */
    public Progress progress(String label, long total) {
        return progress(label, total, bytes -> new ByteSize(bytes).toString());
    }

    /** The same for what is counted otherwise. */
    Progress progress(String label, long total, LongFunction<String> unit) {
        return new Progress(this, label, total, terminal, unit);
    }

    synchronized void showBar(String text) {
        if (silent) {
            return;
        }
        erase();
        bar = text;
        draw();
    }

    private void erase() {
        if (!bar.isEmpty()) {
            out.print("\r\u001b[K");
        }
    }

    private void draw() {
        if (!bar.isEmpty()) {
            out.print(bar);
        }
        out.flush();
    }
}
