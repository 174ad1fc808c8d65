package org.datdot.chain;

import java.nio.file.Path;

/** {@link EngineContract} of four replicas in memory: what the contract asks is not shaped to the engine of one author. */
class MemoryEngineContractTest extends EngineContract {
    @Override
    Network start(Path directory) {
        return new MemoryNetwork(4);
    }
}
