package org.datdot.node;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder where one person's DatDot keeps its things: {@code $DATDOT_HOME}, or {@code ~/.datdot}.
 *
 * <pre>
 * account/          account.seed: the master seed of the account, 32 bytes as hex, mode 600
 * store/            the Corestore with the drives published from here
 * reading/          what `get` is fetching; one that was cut short goes on from here
 * seed/             the provider started by `datdot seed`
 * ledger/           the ledger started by `datdot ledger`
 * follow/           the chain followed by `datdot chain follow`: log/, chain/
 * devnet/           the local network of `datdot devnet`: ledger/, provider-01/ …
 * </pre>
 *
 * @param root the folder; it need not exist yet
 */
public record Home(Path root) {

    /** The home that the environment names: {@code DATDOT_HOME}, else {@code .datdot} in the user's home. */
    public static Home of(Map<String, String> environment, Path userHome) {
        String named = environment.get("DATDOT_HOME");
        return new Home(
                named == null || named.isBlank()
                        ? userHome.resolve(".datdot")
                        : Path.of(named).toAbsolutePath());
    }

    /** Where `devnet` keeps its network. */
    public Path devnet() {
        return root.resolve("devnet");
    }

    /** Where `seed` keeps its provider. */
    public Path provider() {
        return root.resolve("seed");
    }

    /** Where `ledger` keeps its chain. */
    public Path ledger() {
        return root.resolve("ledger");
    }
}
