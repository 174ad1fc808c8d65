package org.datdot.hypercore;

/**
 * Whether our head can be proven to a peer who has some prefix of the core: asked with every sync, so the last answer is
 * kept. Guarded by the core's lock.
 */
final class HeadProver {
    private static final System.Logger LOG = System.getLogger(HeadProver.class.getName());

    private final CoreState state;
    private long fork = -1;
    private long from = -1;
    private long to = -1;
    private boolean provable;

    HeadProver(CoreState state) {
        this.state = state;
    }

    boolean canProve(ReplicationMessage.Sync remote) {
        TreeHead head = state.head();
        if (remote.fork() != head.fork()) return false;
        if (remote.length() == 0) return true;
        if (remote.length() >= head.length()) return false;
        if (fork != head.fork() || from != remote.length() || to != head.length()) {
            fork = head.fork();
            from = remote.length();
            to = head.length();
            provable = prove();
        }
        return provable;
    }

    private boolean prove() {
        try {
            TreeProof.upgradeNodes(state.nodes(), 2 * from, 2 * to);
            return true;
        } catch (MissingNodeException e) {
            LOG.log(System.Logger.Level.TRACE, "cannot prove the head: {0}", e.getMessage());
            return false;
        }
    }
}
