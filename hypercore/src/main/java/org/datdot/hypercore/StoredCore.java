package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.TreeNode;

/**
 * A core as it is read from the store.
 *
 * @param pointers where its records are
 * @param auth keys and manifest
 * @param head the signed head
 * @param bitfield held blocks
 * @param hints among them a length up to which all blocks are held
 * @param hosted whether block bytes come from elsewhere
 */
record StoredCore(
        CoreStorage.Pointers pointers,
        StoreRecord.CoreAuth auth,
        TreeHead head,
        Bitfield bitfield,
        StoreRecord.CoreHints hints,
        boolean hosted) {

    /** User data that marks a core whose blocks are not in the store. */
    static final String HOSTED = "datdot-hosted";

    static StoredCore load(CoreStorage storage, StoreRecord.CorePointers core) {
        CoreStorage.Pointers pointers = storage.pointers(core.corePointer(), core.dataPointer());
        StoreRecord.CoreAuth auth = auth(storage, core.corePointer());
        long data = core.dataPointer();
        Bitfield bitfield = new Bitfield();
        storage.scan(
                StorageKeys.bitfieldStart(data),
                StorageKeys.bitfieldEnd(data),
                (key, value) -> bitfield.loadPage(StorageKeys.pageOf(key), value));
        StoreRecord.CoreHints hints = storage.decoded(
                "hints of core " + core.corePointer(),
                () -> StoreRecord.CoreHints.decode(storage.get(StorageKeys.hints(data))));
        boolean hosted = storage.get(StorageKeys.userData(data, HOSTED)) != null;
        return new StoredCore(pointers, auth, head(storage, pointers), bitfield, hints, hosted);
    }

    /**
     * Removes blocks behind the end. They are what is left of an append when the process is killed after a long row of blocks
     * was stored ({@link BlockFiles}) and before the records that make them part of the core were.
     */
    void removeUnfinished(CoreStorage storage) {
        byte[] from = StorageKeys.block(pointers.dataPointer(), head.length());
        byte[] to = StorageKeys.treeNode(pointers.dataPointer(), 0);
        List<byte[]> found = new ArrayList<>();
        storage.scan(from, to, (key, _) -> found.add(key));
        if (!found.isEmpty() && storage.writable()) storage.write(out -> out.deleteRange(from, to));
    }

    /** Keys and manifest of a core. */
    static StoreRecord.CoreAuth auth(CoreStorage storage, long corePointer) {
        String what = "keys of core " + corePointer;
        byte[] auth = storage.get(StorageKeys.auth(corePointer));
        if (auth == null) throw storage.corrupt(what, null);
        return storage.decoded(what, () -> StoreRecord.CoreAuth.decode(auth));
    }

    /** The head under a data pointer, that of an empty core when there is none. */
    static StoreRecord.StoredHead storedHead(CoreStorage storage, long dataPointer) {
        byte[] head = storage.get(StorageKeys.head(dataPointer));
        if (head == null) return StoreRecord.StoredHead.of(TreeHead.empty());
        return storage.decoded("head " + dataPointer, () -> StoreRecord.StoredHead.decode(head));
    }

    static TreeHead head(CoreStorage storage, CoreStorage.Pointers pointers) {
        StoreRecord.StoredHead stored = storedHead(storage, pointers.dataPointer());
        List<TreeNode> roots = new ArrayList<>();
        FlatIterator at = new FlatIterator(0);
        for (; at.fullRoot(stored.length() * 2); at.nextTree()) {
            TreeNode root = storage.treeNode(pointers, at.index());
            if (root == null) throw storage.corrupt("root " + at.index(), new MissingNodeException(at.index()));
            roots.add(root);
        }
        return new TreeHead(stored.fork(), stored.length(), roots, stored.signature());
    }
}
