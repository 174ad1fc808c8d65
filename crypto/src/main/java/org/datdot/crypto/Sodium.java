package org.datdot.crypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.invoke.MethodType.methodType;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * The few libsodium functions this module stands on, called without copies: a Java array is handed to C as it is
 * ({@link Linker.Option#critical}). While such a call runs the garbage collector may have to wait, so the functions that take
 * any amount of data work through {@link #CRITICAL_BYTES} at a time, or on a copy outside the heap.
 *
 * <p>Arguments are checked before C sees them, because libsodium ends the process on misuse.
 */
final class Sodium {
    /** The most data one call may work on inside the Java heap: below 0.1 ms at libsodium's speed. */
    static final int CRITICAL_BYTES = 128 * 1024;

    /**
     * The size of {@code crypto_generichash_state}. Held as longs, so that it is aligned to 8 bytes wherever the garbage
     * collector moves it; libsodium reads and writes it without relying on more.
     */
    static final int HASH_STATE_LONGS = 384 / Long.BYTES;

    static final int STREAM_STATE_BYTES = 52;
    static final int STREAM_HEADER_BYTES = 24;
    static final int STREAM_OVERHEAD_BYTES = 17;
    static final int SECRETBOX_NONCE_BYTES = 24;
    static final int SECRETBOX_TAG_BYTES = 16;
    private static final byte TAG_MESSAGE = 0;

    /** Why nothing here can be called, or null. Kept instead of failing the class, so that every caller is told. */
    private static final @Nullable CryptoException FAILURE;

    private static final @Nullable SymbolLookup LIBRARY;

    static {
        SymbolLookup library = null;
        CryptoException failure = null;
        try {
            library = NativeLibrary.load();
        } catch (CryptoException e) {
            failure = e;
        }
        LIBRARY = library;
        FAILURE = failure;
    }

    private static final MethodHandle GENERICHASH =
            function("crypto_generichash", ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
    private static final MethodHandle GENERICHASH_INIT =
            function("crypto_generichash_init", ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GENERICHASH_UPDATE =
            function("crypto_generichash_update", ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle GENERICHASH_FINAL =
            function("crypto_generichash_final", ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle SIGN_SEED_KEYPAIR =
            function("crypto_sign_seed_keypair", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle SIGN_DETACHED =
            function("crypto_sign_detached", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle SIGN_VERIFY_DETACHED =
            function("crypto_sign_verify_detached", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle SCALARMULT_ED25519_NOCLAMP =
            function("crypto_scalarmult_ed25519_noclamp", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle SECRETBOX_EASY =
            function("crypto_secretbox_easy", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle SECRETBOX_OPEN_EASY =
            function("crypto_secretbox_open_easy", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle XSALSA20_XOR =
            function("crypto_stream_xor", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle STREAM_INIT_PUSH =
            function("crypto_secretstream_xchacha20poly1305_init_push", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle STREAM_INIT_PULL =
            function("crypto_secretstream_xchacha20poly1305_init_pull", ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle STREAM_PUSH = function(
            "crypto_secretstream_xchacha20poly1305_push",
            ADDRESS,
            ADDRESS,
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            ADDRESS,
            JAVA_LONG,
            JAVA_BYTE);
    private static final MethodHandle STREAM_PULL = function(
            "crypto_secretstream_xchacha20poly1305_pull",
            ADDRESS,
            ADDRESS,
            ADDRESS,
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            ADDRESS,
            JAVA_LONG);

    static {
        initialise();
    }

    private Sodium() {}

    /** BLAKE2b in one call; the key may be absent. */
    static void hash(byte[] out, byte[] data, int offset, int lengthBytes, byte @Nullable [] key) {
        requireCritical(lengthBytes);
        try {
            check(
                    (int) GENERICHASH.invokeExact(
                            MemorySegment.ofArray(out),
                            (long) out.length,
                            slice(data, offset, lengthBytes),
                            (long) lengthBytes,
                            optional(key),
                            length(key)),
                    "crypto_generichash");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Starts BLAKE2b over several parts. */
    static void hashInit(long[] state, byte @Nullable [] key, int outLength) {
        try {
            check(
                    (int) GENERICHASH_INIT.invokeExact(
                            MemorySegment.ofArray(state), optional(key), length(key), (long) outLength),
                    "crypto_generichash_init");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Hashes one more part, of any length, a bounded piece at a time. */
    static void hashUpdate(long[] state, byte[] data, int offset, int lengthBytes) {
        MemorySegment stateSegment = MemorySegment.ofArray(state);
        MemorySegment part = slice(data, offset, lengthBytes);
        try {
            for (long done = 0; done < lengthBytes; done += CRITICAL_BYTES) {
                long piece = Math.min(CRITICAL_BYTES, lengthBytes - done);
                check(
                        (int) GENERICHASH_UPDATE.invokeExact(stateSegment, part.asSlice(done, piece), piece),
                        "crypto_generichash_update");
            }
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Ends BLAKE2b over several parts. */
    static void hashFinal(long[] state, byte[] out) {
        try {
            check(
                    (int) GENERICHASH_FINAL.invokeExact(
                            MemorySegment.ofArray(state), MemorySegment.ofArray(out), (long) out.length),
                    "crypto_generichash_final");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** The Ed25519 key pair of a 32-byte seed. */
    static void seedKeyPair(byte[] publicKey32, byte[] secretKey64, byte[] seed32) {
        try {
            check(
                    (int) SIGN_SEED_KEYPAIR.invokeExact(
                            MemorySegment.ofArray(publicKey32),
                            MemorySegment.ofArray(secretKey64),
                            MemorySegment.ofArray(seed32)),
                    "crypto_sign_seed_keypair");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** An Ed25519 signature. */
    static void sign(byte[] signature64, byte[] message, byte[] secretKey64) {
        try (Arena arena = arenaFor(message.length)) {
            check(
                    (int) SIGN_DETACHED.invokeExact(
                            MemorySegment.ofArray(signature64),
                            MemorySegment.NULL,
                            input(arena, message, 0, message.length),
                            (long) message.length,
                            MemorySegment.ofArray(secretKey64)),
                    "crypto_sign_detached");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Whether an Ed25519 signature is one of this message by this key. */
    static boolean verify(byte[] signature64, byte[] message, byte[] publicKey32) {
        try (Arena arena = arenaFor(message.length)) {
            int result = (int) SIGN_VERIFY_DETACHED.invokeExact(
                    MemorySegment.ofArray(signature64),
                    input(arena, message, 0, message.length),
                    (long) message.length,
                    MemorySegment.ofArray(publicKey32));
            return result == 0;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** A multiple of an Edwards point; false when the point or the result is refused. */
    static boolean scalarMultiply(byte[] out32, byte[] scalar32, byte[] point32) {
        try {
            int result = (int) SCALARMULT_ED25519_NOCLAMP.invokeExact(
                    MemorySegment.ofArray(out32), MemorySegment.ofArray(scalar32), MemorySegment.ofArray(point32));
            return result == 0;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Combines {@code length} bytes with the XSalsa20 key stream. */
    static void xsalsa20(byte[] out, int outAt, byte[] in, int inAt, int length, byte[] nonce24, byte[] key32) {
        try (Arena arena = arenaFor(length)) {
            MemorySegment target = output(arena, out, outAt, length);
            check(
                    (int) XSALSA20_XOR.invokeExact(
                            target,
                            input(arena, in, inAt, length),
                            (long) length,
                            MemorySegment.ofArray(nonce24),
                            MemorySegment.ofArray(key32)),
                    "crypto_stream_xor");
            copyBack(target, out, outAt);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Encrypts a message into {@code plain.length + 16} bytes. */
    static void secretBox(byte[] out, byte[] plain, byte[] nonce24, byte[] key32) {
        try (Arena arena = arenaFor(out.length)) {
            MemorySegment target = output(arena, out, 0, out.length);
            check(
                    (int) SECRETBOX_EASY.invokeExact(
                            target,
                            input(arena, plain, 0, plain.length),
                            (long) plain.length,
                            MemorySegment.ofArray(nonce24),
                            MemorySegment.ofArray(key32)),
                    "crypto_secretbox_easy");
            copyBack(target, out, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Decrypts a message into {@code cipher.length - 16} bytes; false when the tag does not check out. */
    static boolean secretBoxOpen(byte[] out, byte[] cipher, byte[] nonce24, byte[] key32) {
        try (Arena arena = arenaFor(cipher.length)) {
            MemorySegment target = output(arena, out, 0, out.length);
            int result = (int) SECRETBOX_OPEN_EASY.invokeExact(
                    target,
                    input(arena, cipher, 0, cipher.length),
                    (long) cipher.length,
                    MemorySegment.ofArray(nonce24),
                    MemorySegment.ofArray(key32));
            if (result == 0) {
                copyBack(target, out, 0);
            }
            return result == 0;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Starts an outgoing secretstream and makes its header of random bytes. */
    static void streamInitPush(byte[] state, byte[] header24, byte[] key32) {
        try {
            check(
                    (int) STREAM_INIT_PUSH.invokeExact(
                            MemorySegment.ofArray(state),
                            MemorySegment.ofArray(header24),
                            MemorySegment.ofArray(key32)),
                    "crypto_secretstream_xchacha20poly1305_init_push");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Starts an incoming secretstream from the other side's header. */
    static void streamInitPull(byte[] state, byte[] header24, byte[] key32) {
        try {
            check(
                    (int) STREAM_INIT_PULL.invokeExact(
                            MemorySegment.ofArray(state),
                            MemorySegment.ofArray(header24),
                            MemorySegment.ofArray(key32)),
                    "crypto_secretstream_xchacha20poly1305_init_pull");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Encrypts a message of {@code lengthBytes} into {@code lengthBytes + 17} bytes. */
    static void streamPush(byte[] state, byte[] plain, int offset, int lengthBytes, byte[] out, int outOffset) {
        int outLength = lengthBytes + STREAM_OVERHEAD_BYTES;
        try (Arena arena = arenaFor(outLength)) {
            MemorySegment target = output(arena, out, outOffset, outLength);
            check(
                    (int) STREAM_PUSH.invokeExact(
                            MemorySegment.ofArray(state),
                            target,
                            MemorySegment.NULL,
                            input(arena, plain, offset, lengthBytes),
                            (long) lengthBytes,
                            MemorySegment.NULL,
                            0L,
                            TAG_MESSAGE),
                    "crypto_secretstream_xchacha20poly1305_push");
            copyBack(target, out, outOffset);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Decrypts {@code lengthBytes} bytes into {@code lengthBytes - 17}; false when the tag does not check out. */
    static boolean streamPull(byte[] state, byte[] cipher, int offset, int lengthBytes, byte[] out, int outOffset) {
        try (Arena arena = arenaFor(lengthBytes)) {
            MemorySegment target = output(arena, out, outOffset, lengthBytes - STREAM_OVERHEAD_BYTES);
            int result = (int) STREAM_PULL.invokeExact(
                    MemorySegment.ofArray(state),
                    target,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    input(arena, cipher, offset, lengthBytes),
                    (long) lengthBytes,
                    MemorySegment.NULL,
                    0L);
            if (result == 0) {
                copyBack(target, out, outOffset);
            }
            return result == 0;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static void initialise() {
        if (FAILURE != null) {
            return;
        }
        try {
            if ((int) function("sodium_init").invokeExact() < 0) {
                throw new CryptoException("libsodium could not be initialised (no source of randomness?)");
            }
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static MethodHandle function(String name, MemoryLayout... arguments) {
        FunctionDescriptor descriptor = FunctionDescriptor.of(JAVA_INT, arguments);
        if (LIBRARY == null) {
            return unavailable(descriptor.toMethodType());
        }
        MemorySegment symbol = LIBRARY.find(name)
                .orElseThrow(() -> new CryptoException("the loaded libsodium has no function " + name));
        return Linker.nativeLinker().downcallHandle(symbol, descriptor, Linker.Option.critical(true));
    }

    /** A function that only says why there are none. */
    private static MethodHandle unavailable(MethodType type) {
        try {
            MethodHandle refuse = MethodHandles.lookup().findStatic(Sodium.class, "refuse", methodType(int.class));
            return MethodHandles.dropArguments(refuse, 0, type.parameterList());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Called through {@link #unavailable}. */
    @SuppressWarnings("UnusedMethod")
    private static int refuse() {
        throw new CryptoException(FAILURE == null ? "libsodium is not loaded" : FAILURE.getMessage(), FAILURE);
    }

    private static void check(int result, String function) {
        if (result != 0) {
            throw new CryptoException("libsodium's " + function + " refused its arguments");
        }
    }

    private static MemorySegment slice(byte[] array, int offset, int lengthBytes) {
        return MemorySegment.ofArray(array).asSlice(offset, lengthBytes);
    }

    private static MemorySegment optional(byte @Nullable [] array) {
        return array == null ? MemorySegment.NULL : MemorySegment.ofArray(array);
    }

    private static long length(byte @Nullable [] array) {
        return array == null ? 0 : array.length;
    }

    private static void requireCritical(int lengthBytes) {
        if (lengthBytes > CRITICAL_BYTES) {
            throw new IllegalArgumentException("one call may hash " + CRITICAL_BYTES + " bytes, not " + lengthBytes);
        }
    }

    /** Memory outside the heap for messages that are too long to be worked on inside it; none for all others. */
    private static @Nullable Arena arenaFor(int lengthBytes) {
        return lengthBytes > CRITICAL_BYTES ? Arena.ofConfined() : null;
    }

    private static MemorySegment input(@Nullable Arena arena, byte[] array, int offset, int lengthBytes) {
        MemorySegment part = slice(array, offset, lengthBytes);
        return arena == null ? part : arena.allocate(Math.max(1, lengthBytes)).copyFrom(part);
    }

    private static MemorySegment output(@Nullable Arena arena, byte[] array, int offset, int lengthBytes) {
        return arena == null ? slice(array, offset, lengthBytes) : arena.allocate(lengthBytes);
    }

    private static void copyBack(MemorySegment target, byte[] out, int outOffset) {
        if (target.isNative()) {
            MemorySegment.copy(target, ValueLayout.JAVA_BYTE, 0, out, outOffset, (int) target.byteSize());
        }
    }

    private static RuntimeException rethrow(Throwable e) {
        return switch (e) {
            case Error error -> throw error;
            case RuntimeException runtime -> runtime;
            default -> new IllegalStateException("a native call failed", e);
        };
    }
}
