package org.datdot.hypercore;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Database keys of the stock layout: order-preserving integers and strings one after the other. Source: npm
 * hypercore-storage lib/keys.js on npm index-encoder. Written out here, exactly sized, because one is built for every
 * block read and every tree node.
 */
final class StorageKeys {
    private static final int BY_DISCOVERY_KEY = 1;
    private static final int BY_ALIAS = 2;
    private static final int CORE = 3;
    private static final int DATA = 4;
    private static final int GROUP_BY_TOPIC = 5;
    private static final int GROUP = 6;

    private static final int AUTH = 0;
    private static final int SESSIONS = 1;
    private static final int CORE_GROUP = 2;

    private static final int HEAD = 0;
    private static final int DEPENDENCY = 1;
    private static final int HINTS = 2;
    private static final int BLOCK = 3;
    private static final int TREE = 4;
    private static final int BITFIELD = 5;
    private static final int USER_DATA = 6;
    private static final int MARK = 8;

    private StorageKeys() {}

    static byte[] storeHead() {
        return new byte[] {0};
    }

    /** Behind every key of the layout. */
    static byte[] end() {
        return new byte[] {(byte) 0xff};
    }

    static byte[] core(byte[] discoveryKey) {
        byte[] key = new byte[33];
        key[0] = BY_DISCOVERY_KEY;
        System.arraycopy(discoveryKey, 0, key, 1, 32);
        return key;
    }

    static byte[] coresStart() {
        return new byte[] {BY_DISCOVERY_KEY};
    }

    static byte[] coresEnd() {
        return new byte[] {BY_DISCOVERY_KEY + 1};
    }

    static byte[] alias(byte[] namespace, String name) {
        ByteBuffer out = ByteBuffer.allocate(1 + 32 + stringLength(name));
        out.put((byte) BY_ALIAS).put(namespace);
        putString(out, name);
        return out.array();
    }

    /** Everything named in a namespace lies between this and {@link #aliasesEnd}. */
    static byte[] aliasesStart(byte[] namespace) {
        ByteBuffer out = ByteBuffer.allocate(1 + 32);
        return out.put((byte) BY_ALIAS).put(namespace).array();
    }

    /** Names begin with a zero byte. */
    static byte[] aliasesEnd(byte[] namespace) {
        byte[] start = aliasesStart(namespace);
        byte[] end = Arrays.copyOf(start, start.length + 1);
        end[start.length] = (byte) 0xff;
        return end;
    }

    static byte[] auth(long corePointer) {
        return key(CORE, corePointer, AUTH);
    }

    static byte[] sessions(long corePointer) {
        return key(CORE, corePointer, SESSIONS);
    }

    /** The group of a core. */
    static byte[] group(long corePointer) {
        return key(CORE, corePointer, CORE_GROUP);
    }

    /** The number of a group. */
    static byte[] groupTopic(byte[] topic) {
        ByteBuffer out = ByteBuffer.allocate(1 + 32);
        return out.put((byte) GROUP_BY_TOPIC).put(topic).array();
    }

    /** The update of a core in its group's list, by the time of its head. */
    static byte[] groupEntry(long group, long millis, long corePointer) {
        ByteBuffer out = ByteBuffer.allocate(1 + uintLength(group) + 8 + uintLength(corePointer));
        out.put((byte) GROUP);
        putUint(out, group);
        out.putLong(millis);
        putUint(out, corePointer);
        return out.array();
    }

    /** Everything kept under a core pointer lies between this and the next pointer's. */
    static byte[] coreStart(long corePointer) {
        return key(CORE, corePointer);
    }

    /** Everything kept under a data pointer lies between this and the next pointer's. */
    static byte[] dataStart(long dataPointer) {
        return key(DATA, dataPointer);
    }

    static byte[] head(long dataPointer) {
        return key(DATA, dataPointer, HEAD);
    }

    static byte[] dependency(long dataPointer) {
        return key(DATA, dataPointer, DEPENDENCY);
    }

    static byte[] hints(long dataPointer) {
        return key(DATA, dataPointer, HINTS);
    }

    static byte[] block(long dataPointer, long index) {
        return key(DATA, dataPointer, BLOCK, index);
    }

    static byte[] treeNode(long dataPointer, long index) {
        return key(DATA, dataPointer, TREE, index);
    }

    static byte[] bitfieldPage(long dataPointer, long page) {
        return key(DATA, dataPointer, BITFIELD, page, 0);
    }

    static byte[] bitfieldStart(long dataPointer) {
        return key(DATA, dataPointer, BITFIELD);
    }

    static byte[] bitfieldEnd(long dataPointer) {
        return key(DATA, dataPointer, BITFIELD + 1);
    }

    static byte[] mark(long dataPointer, long page) {
        return key(DATA, dataPointer, MARK, page);
    }

    static byte[] marksEnd(long dataPointer) {
        return key(DATA, dataPointer, MARK + 1);
    }

    /** The page number in a key made by {@link #bitfieldPage} or {@link #mark}. */
    static long pageOf(byte[] bitfieldKey) {
        int at = 1;
        at += uintLength(bitfieldKey, at);
        at += 1;
        return uintAt(bitfieldKey, at);
    }

    static byte[] userData(long dataPointer, String name) {
        ByteBuffer out = ByteBuffer.allocate(2 + uintLength(dataPointer) + stringLength(name));
        out.put((byte) DATA);
        putUint(out, dataPointer);
        out.put((byte) USER_DATA);
        putString(out, name);
        return out.array();
    }

    private static byte[] key(int table, long... parts) {
        int length = 1;
        for (long part : parts) length += uintLength(part);
        ByteBuffer out = ByteBuffer.allocate(length);
        out.put((byte) table);
        for (long part : parts) putUint(out, part);
        return out.array();
    }

    private static int uintLength(long value) {
        if (value < 0) throw new IllegalArgumentException("a negative key part " + value);
        if (value <= 0xfb) return 1;
        if (value <= 0xffff) return 3;
        return value <= 0xffff_ffffL ? 5 : 9;
    }

    private static void putUint(ByteBuffer out, long value) {
        switch (uintLength(value)) {
            case 1 -> out.put((byte) value);
            case 3 -> out.put((byte) 0xfc).putShort((short) value);
            case 5 -> out.put((byte) 0xfd).putInt((int) value);
            default -> out.put((byte) 0xfe).putLong(value);
        }
    }

    private static int uintLength(byte[] key, int at) {
        return switch (key[at] & 0xff) {
            case 0xfc -> 3;
            case 0xfd -> 5;
            case 0xfe -> 9;
            default -> 1;
        };
    }

    private static long uintAt(byte[] key, int at) {
        ByteBuffer in = ByteBuffer.wrap(key);
        return switch (key[at] & 0xff) {
            case 0xfc -> in.getShort(at + 1) & 0xffffL;
            case 0xfd -> in.getInt(at + 1) & 0xffff_ffffL;
            case 0xfe -> in.getLong(at + 1);
            default -> key[at] & 0xff;
        };
    }

    private static int stringLength(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int zeros = 0;
        for (byte b : bytes) zeros += b == 0 ? 1 : 0;
        return 1 + bytes.length + zeros + 2;
    }

    private static void putString(ByteBuffer out, String text) {
        out.put((byte) 0);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            out.put(b);
            if (b == 0) out.put((byte) 2);
        }
        out.put((byte) 0).put((byte) 1);
    }

    /** Whether a key begins with a prefix. */
    static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
