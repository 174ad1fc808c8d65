package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.datdot.ledger.Storage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Over real sockets of 127.0.0.1. */
class RpcServerTest {
    @TempDir
    Path temporary;

    private Chain chain;
    private RpcServer server;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Peer> peers = new ArrayList<>();

    RpcServerTest() {}

    @BeforeEach
    void open() {
        chain = TestChain.open(temporary);
        server = RpcServer.start(chain, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() {
        peers.forEach(Peer::close);
        http.shutdownNow();
        server.close();
        chain.close();
    }

    private String post(String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + "/"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .timeout(TestChain.PATIENCE)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private JsonNode call(String method, String params) throws Exception {
        return JsonRpc.MAPPER.readTree(
                post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}"));
    }

    private JsonNode result(String method, String params) throws Exception {
        JsonNode answer = call(method, params);
        assertThat(answer.has("error")).as(answer.toString()).isFalse();
        return answer.path("result");
    }

    /** A WebSocket peer that keeps what it hears. */
    private static final class Peer implements WebSocket.Listener {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final CompletableFuture<String> ended = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private @Nullable WebSocket socket;

        void send(String request) {
            open().sendText(request, true).join();
        }

        WebSocket open() {
            return java.util.Objects.requireNonNull(socket);
        }

        JsonNode next() throws InterruptedException {
            String message = heard.poll(TestChain.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(message).isNotNull();
            return JsonRpc.MAPPER.readTree(message);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            ended.complete(status + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            ended.complete(error.toString());
        }

        void close() {
            open().abort();
        }
    }

    private Peer connect() {
        Peer peer = new Peer();
        peer.socket = http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + server.address().getPort() + "/"), peer)
                .join();
        peers.add(peer);
        return peer;
    }

    private static String request(int id, String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}";
    }

    @Test
    void shouldAnswerQuestionsWhenAskedByPost() throws Exception {
        Header head = TestChain.produce(chain);
        assertThat(result("system_chain", "[]").asString()).isEqualTo("test");
        assertThat(result("system_name", "[]").asString()).isEqualTo("DatDot");
        assertThat(result("system_version", "[]").asString()).isNotEmpty();
        assertThat(result("system_health", "[]").path("isSyncing").asBoolean()).isFalse();
        assertThat(result("chain_getBlockHash", "[0]").asString())
                .isEqualTo("0x" + chain.genesis().hex());
        assertThat(result("chain_getBlockHash", "[\"0x1\"]").asString())
                .isEqualTo("0x" + head.hash().hex());
        assertThat(result("chain_getBlockHash", "[2]").isNull()).isTrue();
        assertThat(HeaderJson.parse(result("chain_getHeader", "[]"))).isEqualTo(head);
        assertThat(HeaderJson.parse(result(
                                "chain_getHeader", "[\"0x" + chain.genesis().hex() + "\"]"))
                        .hash())
                .isEqualTo(chain.genesis());
        assertThat(result("state_getRuntimeVersion", "[]").path("specName").asString())
                .isEqualTo("datdot");
        assertThat(result("datdot_getParameters", "[]").path("challengeDelay").asLong())
                .isEqualTo(chain.spec().parameters().challengeDelay());
        String address = TestChain.id(TestChain.ALICE).toString();
        assertThat(result("system_accountNextIndex", "[\"" + address + "\"]").asLong())
                .isZero();
    }

    @Test
    void shouldReadStateWhenKeysAreAsked() throws Exception {
        TestChain.produce(chain);
        String number = RpcParams.hex(Storage.BLOCK_NUMBER.key());
        assertThat(result("state_getStorage", "[\"" + number + "\"]").asString())
                .isEqualTo("0x01000000");
        assertThat(result("state_getStorage", "[\"0x00\"]").isNull()).isTrue();
        List<String> keys = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page =
                    result("state_getKeysPaged", "[\"0x\",3" + (after.isEmpty() ? "" : ",\"" + after + "\"") + "]");
            page.forEach(key -> keys.add(key.asString()));
            if (page.size() < 3) {
                break;
            }
            after = keys.getLast();
        }
        List<String> expected = new ArrayList<>();
        chain.state().forEach(new byte[0], (key, value) -> expected.add(RpcParams.hex(key)));
        assertThat(keys).isEqualTo(expected).hasSizeGreaterThan(4);
        JsonNode changes = result("state_queryStorageAt", "[[\"" + number + "\",\"0x00\"]]")
                .path(0)
                .path("changes");
        assertThat(changes.toString()).isEqualTo("[[\"" + number + "\",\"0x01000000\"],[\"0x00\",null]]");
        assertThat(result(
                                "state_getStorage",
                                "[\"" + number + "\",\"0x" + chain.genesis().hex() + "\"]")
                        .isNull())
                .as("block 0 wrote no number")
                .isTrue();
        Header first = chain.head();
        TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, 5));
        List<String> keysThen = new ArrayList<>();
        chain.state().forEach(new byte[0], (key, value) -> keysThen.add(RpcParams.hex(key)));
        TestChain.produce(chain);
        TestChain.produce(chain);
        String at = ",\"0x" + first.hash().hex() + "\"]";
        assertThat(result("state_getStorage", "[\"" + number + "\"" + at).asString())
                .isEqualTo("0x01000000");
        List<String> keysNow = new ArrayList<>();
        result("state_getKeysPaged", "[\"0x\",1000,null" + at).forEach(key -> keysNow.add(key.asString()));
        assertThat(keysNow).as("the keys after block 1, asked after block 3").isEqualTo(keysThen);
        JsonNode unknown = call("state_getStorage", "[\"" + number + "\",\"0x" + "77".repeat(32) + "\"]");
        assertThat(unknown.path("error").path("code").asInt()).isEqualTo(RpcException.STATE_DISCARDED);
    }

    @Test
    void shouldIncludeExtrinsicsWhenHandedInByPost() throws Exception {
        Extrinsic extrinsic =
                TestChain.signed(TestChain.ALICE, 0, TestChain.transfer(TestChain.BOB, 3), chain.genesis());
        String hex = "[\"" + RpcParams.hex(extrinsic.encode()) + "\"]";
        assertThat(result("author_submitExtrinsic", hex).asString())
                .isEqualTo("0x" + extrinsic.hash().hex());
        JsonNode again = call("author_submitExtrinsic", hex).path("error");
        assertThat(again.path("code").asInt()).isEqualTo(1013);
        assertThat(again.path("data").asString()).isEqualTo("AlreadyImported");
        Header head = TestChain.produce(chain);
        JsonNode block =
                result("chain_getBlock", "[\"0x" + head.hash().hex() + "\"]").path("block");
        assertThat(block.path("extrinsics").toString()).isEqualTo(hex);
        assertThat(result("datdot_getEvents", "[1]").toString()).contains("ExtrinsicSuccess", "ApplyExtrinsic");
        assertThat(call("author_submitExtrinsic", hex)
                        .path("error")
                        .path("data")
                        .asString())
                .isEqualTo("StaleNonce");
    }

    @Test
    void shouldTellHeadsInOrderWhenSubscribed() throws Exception {
        Peer peer = connect();
        peer.send(request(1, "chain_subscribeNewHeads", "[]"));
        String id = peer.next().path("result").asString();
        for (int number = 0; number <= 5; number++) {
            JsonNode told = peer.next();
            assertThat(told.path("method").asString()).isEqualTo("chain_newHead");
            assertThat(told.path("params").path("subscription").asString()).isEqualTo(id);
            assertThat(HeaderJson.parse(told.path("params").path("result"))).isEqualTo(chain.head());
            TestChain.produce(chain);
        }
        peer.send(request(2, "chain_unsubscribeNewHeads", "[\"" + id + "\"]"));
        JsonNode told = peer.next();
        while (!told.has("id")) {
            told = peer.next();
        }
        assertThat(told.path("result").asBoolean()).isTrue();
        TestChain.produce(chain);
        peer.send(request(3, "chain_unsubscribeNewHeads", "[\"" + id + "\"]"));
        assertThat(peer.next().path("result").asBoolean(true)).isFalse();
    }

    @Test
    void shouldTellReadyThenInBlockWhenWatched() throws Exception {
        Peer peer = connect();
        Extrinsic extrinsic =
                TestChain.signed(TestChain.BOB, 0, TestChain.transfer(TestChain.ALICE, 3), chain.genesis());
        String hex = "[\"" + RpcParams.hex(extrinsic.encode()) + "\"]";
        peer.send(request(1, "author_submitAndWatchExtrinsic", hex));
        String id = peer.next().path("result").asString();
        assertThat(peer.next().path("params").path("result").asString()).isEqualTo("ready");
        Header head = TestChain.produce(chain);
        JsonNode told = peer.next().path("params");
        assertThat(told.path("subscription").asString()).isEqualTo(id);
        assertThat(told.path("result").path("inBlock").asString())
                .isEqualTo("0x" + head.hash().hex());
        assertThat(peer.next().path("params").path("result").path("finalized").asString())
                .isEqualTo("0x" + head.hash().hex());
        peer.send(request(2, "author_submitAndWatchExtrinsic", hex));
        assertThat(peer.next().path("error").path("data").asString()).isEqualTo("StaleNonce");
    }

    @Test
    void shouldAnswerWithErrorsWhenRequestsAreGarbage() throws Exception {
        assertThat(error("")).isEqualTo(-32700);
        assertThat(error("{")).isEqualTo(-32700);
        assertThat(error("[".repeat(5_000))).isEqualTo(-32700);
        assertThat(error("{\"a\":1,\"a\":2}")).isEqualTo(-32700);
        assertThat(error("{} {}")).isEqualTo(-32700);
        assertThat(error("[]")).isEqualTo(-32600);
        assertThat(error("3")).isEqualTo(-32600);
        assertThat(error("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"system_name\"}"))
                .isEqualTo(-32600);
        assertThat(error("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"system_name\"}"))
                .isEqualTo(-32600);
        assertThat(error(request(1, "no_such", "[]"))).isEqualTo(-32601);
        assertThat(error(request(1, "chain_subscribeNewHeads", "[]"))).isEqualTo(-32601);
        for (String params :
                List.of("[]", "[1]", "[\"00\"]", "[\"0x0\"]", "[\"0xzz\"]", "[null]", "{\"a\":1}", "[\"0x\",1,2]")) {
            assertThat(error(request(1, "state_getStorage", params))).as(params).isEqualTo(-32602);
        }
        assertThat(error(request(1, "chain_getBlockHash", "[-1]"))).isEqualTo(-32602);
        assertThat(error(request(1, "chain_getBlockHash", "[1e99]"))).isEqualTo(-32602);
        assertThat(error(request(1, "chain_getBlockHash", "[\"0xffffffffffffffffffff\"]")))
                .isEqualTo(-32602);
        assertThat(error(request(1, "state_getKeysPaged", "[\"0x\",100000]"))).isEqualTo(-32602);
        assertThat(error(request(1, "system_accountNextIndex", "[\"5abc\"]"))).isEqualTo(-32602);
        assertThat(error(request(1, "author_submitExtrinsic", "[\"0x00\"]"))).isEqualTo(1001);
        assertThat(result("system_name", "[]").asString()).isEqualTo("DatDot");
    }

    private int error(String body) throws Exception {
        String text = post(body);
        return JsonRpc.MAPPER.readTree(text).path("error").path("code").asInt(0);
    }

    @Test
    void shouldAnswerBatchesAndLeaveOutNotifications() throws Exception {
        String name = request(7, "system_name", "[]");
        String notification = "{\"jsonrpc\":\"2.0\",\"method\":\"system_name\"}";
        JsonNode answers = JsonRpc.MAPPER.readTree(post("[" + name + "," + notification + ",5]"));
        assertThat(answers.size()).isEqualTo(2);
        assertThat(answers.path(0).path("id").asInt()).isEqualTo(7);
        assertThat(answers.path(1).path("error").path("code").asInt()).isEqualTo(-32600);
        assertThat(post("[" + notification + "]")).isEmpty();
        assertThat(post(notification)).isEmpty();
        assertThat(error("[" + "1,".repeat(100) + "1]")).isEqualTo(-32600);
    }

    @Test
    void shouldServeOthersWhenAPeerSendsNoise() throws Exception {
        Peer good = connect();
        good.send(request(1, "chain_subscribeNewHeads", "[]"));
        long seed = 99;
        Random random = new Random(seed);
        for (int i = 0; i < 30; i++) {
            try (Socket socket = new Socket(
                    InetAddress.getLoopbackAddress(), server.address().getPort())) {
                OutputStream out = socket.getOutputStream();
                byte[] noise = new byte[random.nextInt(3_000)];
                random.nextBytes(noise);
                if (i % 3 == 1) {
                    out.write("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                    out.write("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                } else if (i % 3 == 2) {
                    out.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                }
                out.write(noise);
                out.flush();
            } catch (IOException e) {
                assertThat(e.getMessage()).as("the server hung up").isNotEmpty();
            }
        }
        Peer binary = connect();
        binary.open().sendBinary(ByteBuffer.wrap(new byte[100]), true).join();
        assertThat(binary.next().path("error").path("code").asInt()).isEqualTo(-32700);
        TestChain.produce(chain);
        assertThat(good.next().path("id").asInt()).isEqualTo(1);
        JsonNode told = good.next();
        while (!told.path("params").path("result").path("number").asString().equals("0x1")) {
            told = good.next();
        }
        assertThat(result("system_name", "[]").asString()).isEqualTo("DatDot");
    }

    @Test
    void shouldHangUpWhenARequestIsTooLong() throws Exception {
        Peer peer = connect();
        String part = "x".repeat(1 << 20);
        try {
            for (int i = 0; i < 12; i++) {
                peer.open().sendText(part, false).join();
            }
        } catch (RuntimeException e) {
            assertThat(e).hasRootCauseInstanceOf(IOException.class);
        }
        assertThat(peer.ended.get(TestChain.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isNotEmpty();
        assertThat(result("system_name", "[]").asString()).isEqualTo("DatDot");
    }

    /** Subscribes and never reads. */
    private static final class Deaf implements WebSocket.Listener {
        @Override
        public void onOpen(WebSocket opened) {
            // Asking for no message is what makes it deaf.
        }
    }

    @Test
    void shouldDisconnectASubscriberWhenItNeverReads() throws Exception {
        WebSocket deaf = http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + server.address().getPort() + "/"), new Deaf())
                .join();
        for (int i = 0; i < 128; i++) {
            deaf.sendText(request(i, "chain_subscribeNewHeads", "[]"), true).join();
        }
        Peer good = connect();
        good.send(request(1, "chain_subscribeNewHeads", "[]"));
        boolean hungUp = false;
        for (int block = 0; block < 1_000 && !hungUp; block++) {
            TestChain.produce(chain);
            good.next();
            try {
                deaf.sendPing(ByteBuffer.allocate(0)).join();
            } catch (CompletionException e) {
                assertThat(e).hasRootCauseInstanceOf(IOException.class);
                hungUp = true;
            }
        }
        assertThat(hungUp).isTrue();
        deaf.abort();
    }

    @Test
    void shouldRefuseSubscriptionsWhenAConnectionHasTooMany() throws Exception {
        Peer peer = connect();
        int refused = 0;
        int answered = 0;
        for (int i = 0; i < 140; i++) {
            peer.send(request(i, "chain_subscribeNewHeads", "[]"));
        }
        while (answered < 140) {
            JsonNode message = peer.next();
            if (message.has("id")) {
                answered++;
                refused += message.path("error").path("code").asInt(0) == RpcException.LIMIT_EXCEEDED ? 1 : 0;
            }
        }
        assertThat(refused).isEqualTo(12);
    }

    @Test
    void shouldTakeTheLargestExtrinsicWhenItIsOfAMebibyte() throws Exception {
        String hex = "0x" + "00".repeat(1 << 20);
        assertThat(error(request(1, "author_submitExtrinsic", "[\"" + hex + "\"]")))
                .isEqualTo(1001);
        assertThat(error(request(1, "author_submitExtrinsic", "[\"" + hex + "00\"]")))
                .isEqualTo(1010);
    }

    @Test
    void shouldSayWhatToDoWhenThePortIsTaken() {
        assertThatThrownBy(() -> RpcServer.start(chain, server.address()))
                .isInstanceOfSatisfying(
                        ChainException.class, e -> assertThat(e.kind()).isEqualTo(ChainException.Kind.ADDRESS))
                .hasMessageContaining("choose another port");
    }

    @Test
    void shouldClosePromptlyWhenPeersAreConnected() throws Exception {
        Peer subscriber = connect();
        subscriber.send(request(1, "chain_subscribeNewHeads", "[]"));
        subscriber.next();
        Peer idle = connect();
        result("system_name", "[]");
        long start = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
        assertThat(subscriber.ended.get(TestChain.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isNotEmpty();
        assertThat(idle.ended.get(TestChain.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isNotEmpty();
    }
}
