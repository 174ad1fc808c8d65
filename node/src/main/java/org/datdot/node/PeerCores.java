package org.datdot.node;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.TreeNode;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.BytePosition;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.Proof;
import org.datdot.hypercore.ProofRequest;
import org.datdot.hypercore.StoreOptions;
import org.datdot.hypercore.TreeHead;
import org.jspecify.annotations.Nullable;

/** The operations of {@code datdot peer} on stores and cores. */
final class PeerCores {
    static final String STORE = "store";
    static final String CORE = "core";
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final PeerHandles handles;

    PeerCores(PeerHandles handles) {
        this.handles = handles;
    }

    void register(PeerSession session) {
        session.register("open", List.of("path", "primaryKey", "sync"), this::open);
        session.register(
                "core",
                List.of(STORE, "name", "key", "seed", "manifestVersion", "namespace", "encryptionKey"),
                this::core);
        session.register("info", List.of(CORE), request -> info(core(request, CORE)));
        session.register("append", List.of(CORE, "blocks", "fill"), this::append);
        session.register("get", List.of(CORE, "index", "wait", "timeoutMs"), this::get);
        session.register("has", List.of(CORE, "start", "end"), this::has);
        session.register("digest", List.of(CORE, "start", "end"), this::digest);
        session.register("update", List.of(CORE), this::update);
        session.register("wait", List.of(CORE, "length", "fork"), this::await);
        session.register("download", List.of(CORE, "start", "end", "indexes"), this::download);
        session.register("follow", List.of(CORE), this::follow);
        session.register("clear", List.of(CORE, "start", "end"), this::clear);
        session.register("truncate", List.of(CORE, "length"), this::truncate);
        session.register("seek", List.of(CORE, "bytes"), this::seek);
        session.register("proof", List.of(CORE, "block", "hash", "seek", "upgrade"), this::proof);
    }

    static Hypercore core(PeerHandles handles, PeerRequest request) {
        return handles.get(request, CORE, Hypercore.class);
    }

    private Hypercore core(PeerRequest request, String field) {
        return handles.get(request, field, Hypercore.class);
    }

    private Map<String, @Nullable Object> open(PeerRequest request) {
        StoreOptions options =
                StoreOptions.defaults().sync(request.flag("sync", true)).allowMoved(true);
        if (request.has("primaryKey")) options = options.primaryKey(request.key("primaryKey"));
        Corestore store = Corestore.open(Path.of(request.text("path")), options);
        return Json.object(STORE, handles.add(STORE, store, store::close));
    }

    private Map<String, @Nullable Object> core(PeerRequest request) {
        Corestore root = handles.get(request, STORE, Corestore.class);
        Corestore store = request.has("namespace") ? root.namespace(request.text("namespace")) : root;
        Hypercore core;
        if (request.has("seed")) {
            KeyPair keys = KeyPair.fromSeed(request.key("seed"));
            core = store.get(Manifest.single((int) request.number("manifestVersion", 1), keys.publicKey()), keys);
        } else if (request.has("key")) {
            core = store.get(new CoreKey(request.key("key")));
        } else if (request.has("name")) {
            core = store.get(request.text("name"));
        } else {
            throw new PeerRefusal("one of \"name\", \"key\" and \"seed\" is needed");
        }
        if (request.has("encryptionKey")) {
            try (Hypercore plain = core) {
                core = plain.encrypted(EncryptionKey.of(request.key("encryptionKey")));
            }
        }
        Hypercore opened = core;
        Map<String, @Nullable Object> answer = Json.object(CORE, handles.add(CORE, opened, opened::close));
        answer.putAll(describe(core));
        return answer;
    }

    private static Map<String, @Nullable Object> describe(Hypercore core) {
        return Json.object(
                "key", core.key().hex(),
                "discoveryKey", core.discoveryKey().hex(),
                "writable", core.writable(),
                "length", core.length());
    }

    private static Map<String, @Nullable Object> info(Hypercore core) {
        TreeHead head = core.head();
        Map<String, @Nullable Object> answer = describe(core);
        answer.put("length", head.length());
        answer.put("byteLength", core.byteLength());
        answer.put("contiguousLength", core.contiguousLength());
        answer.put("fork", head.fork());
        answer.put("treeHash", head.treeHash().hex());
        answer.put("signature", head.length() == 0 ? null : hex(head.signature()));
        answer.put("peers", core.peers().size());
        return answer;
    }

    static @Nullable String hex(byte @Nullable [] bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }

    private Map<String, @Nullable Object> append(PeerRequest request) {
        return Json.object("length", core(request, CORE).append(request.blocks()));
    }

    private Map<String, @Nullable Object> get(PeerRequest request) {
        Hypercore core = core(request, CORE);
        long index = request.number("index");
        long timeoutMs = request.number("timeoutMs", 0);
        if (!request.flag("wait", true)) return Json.object("block", hex(core.local(index)));
        byte[] block = timeoutMs == 0 ? core.get(index) : core.get(index, Duration.ofMillis(timeoutMs));
        return Json.object("block", hex(block));
    }

    private Map<String, @Nullable Object> has(PeerRequest request) {
        Hypercore core = core(request, CORE);
        List<Long> indexes = new ArrayList<>();
        for (long i = request.number("start"); i < request.number("end"); i++) {
            if (core.has(i)) indexes.add(i);
        }
        return Json.object("indexes", indexes);
    }

    private Map<String, @Nullable Object> digest(PeerRequest request) {
        Hypercore core = core(request, CORE);
        MessageDigest digest = sha256();
        long end = request.number("end");
        for (long i = request.number("start"); i < end; i++) {
            byte[] block = core.local(i);
            if (block == null) throw new BlockNotAvailableException("block " + i + " is not here");
            digest.update(block);
        }
        return Json.object("sha256", hex(digest.digest()));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, @Nullable Object> update(PeerRequest request) {
        Hypercore core = core(request, CORE);
        core.update(PATIENCE);
        return Json.object("length", core.length());
    }

    private Map<String, @Nullable Object> await(PeerRequest request) throws Exception {
        Hypercore core = core(request, CORE);
        long length = request.number("length");
        long fork = request.number("fork", 0);
        CompletableFuture<TreeHead> reached = new CompletableFuture<>();
        Consumer<TreeHead> listener = head -> {
            if (head.length() >= length && head.fork() >= fork) reached.complete(head);
        };
        core.onUpdate(listener);
        core.onAppend(listener);
        listener.accept(core.head());
        reached.get();
        return Json.object("length", core.length());
    }

    private Map<String, @Nullable Object> download(PeerRequest request) throws Exception {
        Hypercore core = core(request, CORE);
        if (request.has("indexes")) {
            List<CompletableFuture<byte[]>> wanted = new ArrayList<>();
            for (long index : request.numbers("indexes")) {
                if (!core.has(index)) wanted.add(core.fetch(index));
            }
            for (CompletableFuture<byte[]> block : wanted) block.get();
        } else {
            core.download(request.number("start"), request.number("end")).done().get();
        }
        return Json.object();
    }

    @SuppressWarnings("resource") // it ends with the core's handle
    private Map<String, @Nullable Object> follow(PeerRequest request) {
        core(request, CORE).download(0, Download.LIVE);
        return Json.object();
    }

    private Map<String, @Nullable Object> clear(PeerRequest request) {
        core(request, CORE).clear(request.number("start"), request.number("end"));
        return Json.object();
    }

    private Map<String, @Nullable Object> truncate(PeerRequest request) {
        Hypercore core = core(request, CORE);
        core.truncate(request.number("length"));
        return Json.object("length", core.length(), "fork", core.fork());
    }

    private Map<String, @Nullable Object> seek(PeerRequest request) throws Exception {
        BytePosition found = core(request, CORE).seek(request.number("bytes")).get();
        return Json.object("index", found.index(), "offset", found.offset());
    }

    private Map<String, @Nullable Object> proof(PeerRequest request) {
        PeerRequest block = request.object("block");
        PeerRequest hash = request.object("hash");
        PeerRequest seek = request.object("seek");
        PeerRequest upgrade = request.object("upgrade");
        Proof proof = core(request, CORE)
                .proof(new ProofRequest(
                        block == null
                                ? null
                                : new ProofRequest.BlockRequest(block.number("index"), block.number("nodes")),
                        hash == null ? null : new ProofRequest.HashRequest(hash.number("index"), hash.number("nodes")),
                        seek == null
                                ? null
                                : new ProofRequest.SeekRequest(seek.number("bytes"), seek.number("padding", 0)),
                        upgrade == null
                                ? null
                                : new ProofRequest.UpgradeRequest(upgrade.number("start"), upgrade.number("length")),
                        false));
        if (proof == null) throw new BlockNotAvailableException("a part of the proof is not here");
        return proof(proof);
    }

    private static Map<String, @Nullable Object> proof(Proof proof) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        Proof.DataBlock block = proof.block();
        Proof.DataHash hash = proof.hash();
        Proof.DataSeek seek = proof.seek();
        Proof.DataUpgrade upgrade = proof.upgrade();
        answer.put("fork", proof.fork());
        answer.put(
                "block",
                block == null
                        ? null
                        : Json.object(
                                "index", block.index(), "value", hex(block.value()), "nodes", nodes(block.nodes())));
        answer.put("hash", hash == null ? null : Json.object("index", hash.index(), "nodes", nodes(hash.nodes())));
        answer.put("seek", seek == null ? null : Json.object("bytes", seek.bytes(), "nodes", nodes(seek.nodes())));
        answer.put(
                "upgrade",
                upgrade == null
                        ? null
                        : Json.object(
                                "start", upgrade.start(),
                                "length", upgrade.length(),
                                "nodes", nodes(upgrade.nodes()),
                                "additionalNodes", nodes(upgrade.additionalNodes()),
                                "signature", hex(upgrade.signature())));
        return answer;
    }

    private static List<Map<String, @Nullable Object>> nodes(List<TreeNode> nodes) {
        return nodes.stream()
                .map(node -> Json.object(
                        "index",
                        node.index(),
                        "size",
                        node.size(),
                        "hash",
                        node.hash().hex()))
                .toList();
    }
}
