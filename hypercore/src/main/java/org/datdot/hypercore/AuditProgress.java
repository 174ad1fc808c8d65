package org.datdot.hypercore;

/** Told now and then how far an audit has come. Called on the thread that audits; an exception ends the audit. */
@FunctionalInterface
public interface AuditProgress {

    /** Says nothing to anybody. */
    AuditProgress SILENT = (_, _) -> {};

    /**
     * How far it has come.
     *
     * @param treeNodes looked at so far, those of missing blocks counted as well
     * @param all all that the core can have
     */
    void checked(long treeNodes, long all);
}
