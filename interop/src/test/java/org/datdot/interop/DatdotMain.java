package org.datdot.interop;

import java.util.List;
import org.datdot.node.Main;

/** The command line as tests run it: no DHT but one that is named. The public one is out of their reach. */
final class DatdotMain {
    private DatdotMain() {}

    public static void main(String[] arguments) {
        System.exit(Main.run(List.of(), arguments));
    }
}
