package org.datdot.hypercore;

/**
 * What an audit of a stored core found, and a repair did. All zero besides the first two when nothing is wrong.
 *
 * @param treeNodes tree nodes that are as the signed head wants them
 * @param blocks blocks that are as their tree nodes want them
 * @param restoredNodes tree nodes that were missing or wrong and follow from blocks or other nodes
 * @param droppedNodes tree nodes that are wrong and follow from nothing
 * @param droppedBlocks blocks that are wrong, or that no known tree node vouches for
 * @param droppedBits blocks marked as held that are not there, or lie behind the end
 * @param addedBits blocks that are there and right, but were not marked as held
 * @param head what is to be said of the signed head
 */
public record AuditReport(
        long treeNodes,
        long blocks,
        long restoredNodes,
        long droppedNodes,
        long droppedBlocks,
        long droppedBits,
        long addedBits,
        Head head) {

    /** What is to be said of a signed head. */
    public enum Head {
        /** It is signed as the manifest wants it. */
        SOUND,
        /** The tree is whole, but the signature is wrong; the writer, who is here, signs it again. */
        RESIGNED,
        /** It cannot be had from what is stored. A repair empties the core, which its peers then fill again. */
        LOST,
        /** As LOST, but this is the writer's own store: nothing is changed, restore a backup. */
        LOST_BY_WRITER
    }

    /** Whether nothing is wrong. */
    public boolean sound() {
        return restoredNodes == 0
                && droppedNodes == 0
                && droppedBlocks == 0
                && droppedBits == 0
                && addedBits == 0
                && head == Head.SOUND;
    }
}
