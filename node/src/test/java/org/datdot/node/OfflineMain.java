package org.datdot.node;

import java.util.List;

/** The command line as tests run it: no DHT but one that is named. The public one is out of their reach. */
final class OfflineMain {
    private OfflineMain() {}

    public static void main(String[] arguments) {
        System.exit(Main.run(List.of(), arguments));
    }
}
