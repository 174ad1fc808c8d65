package org.datdot.udx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.BindException;
import java.net.SocketException;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Set;

/**
 * The system calls of {@link LinuxEngine}, as the C library of a 64-bit little-endian Linux has them. An instance keeps the
 * error of its last call, so it is for one thread.
 */
final class LinuxCalls {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOL_SOCKET = 1;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;
    static final short POLLIN = 1;
    static final short POLLOUT = 4;

    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int EINVAL = 22;

    private static final int EACCES = 13;
    private static final int EADDRINUSE = 98;
    private static final int EADDRNOTAVAIL = 99;
    private static final int SOCK_DGRAM = 2;
    private static final int NONBLOCK = 0x800;
    private static final int CLOEXEC = 0x80000;
    private static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_V6ONLY = 26;
    /** Packets are never cut up, and what was learned of the way does not count: libudx's choice, for probing. */
    private static final int PMTUDISC_PROBE = 3;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = handle("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = handle("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = handle("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            handle("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SENDMMSG = handle("sendmmsg", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle RECVMMSG =
            handle("recvmmsg", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle PPOLL = handle("ppoll", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle EVENTFD = handle("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle READ = handle("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE = handle("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle CLOSE = handle("close", JAVA_INT, JAVA_INT);

    private static final MethodHandle MALLOC = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("malloc"), FunctionDescriptor.of(ADDRESS, JAVA_LONG));
    private static final MethodHandle FREE =
            LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("free"), FunctionDescriptor.ofVoid(ADDRESS));

    private final MemorySegment state;

    LinuxCalls(Arena arena) {
        state = arena.allocate(STATE);
    }

    /** Whether this machine is of the kind whose structures are written down here. Does not touch the calls. */
    static boolean fit(String osName, String osArch) {
        return osName.toLowerCase(Locale.ROOT).equals("linux")
                && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                && Set.of("amd64", "x86_64", "aarch64").contains(osArch.toLowerCase(Locale.ROOT));
    }

    private static MethodHandle handle(String name, ValueLayout result, ValueLayout... arguments) {
        SymbolLookup lookup = LINKER.defaultLookup();
        return LINKER.downcallHandle(
                lookup.find(name)
                        .orElseThrow(() -> new UnsupportedOperationException("the C library has no function " + name)),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"));
    }

    /**
     * Memory that is not filled with zeros as the JDK's is: what of it is never used takes none of the machine's. Given back with
     * the arena.
     */
    static MemorySegment reserve(long bytes, Arena arena) {
        try {
            MemorySegment memory = (MemorySegment) MALLOC.invokeExact(bytes);
            if (memory.address() == 0) {
                throw new OutOfMemoryError("no " + bytes + " bytes to receive into");
            }
            return memory.reinterpret(bytes, arena, LinuxCalls::free);
        } catch (Error e) {
            throw e;
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    private static void free(MemorySegment memory) {
        try {
            FREE.invokeExact(memory);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** The error of the last call that failed. */
    int errno() {
        return (int) ERRNO.get(state, 0L);
    }

    /** A UDP socket which does not block; one for IPv6 takes IPv4 as well, as the JDK's do. */
    int udpSocket(boolean ipv6) throws IOException {
        int fd = socket(ipv6 ? AF_INET6 : AF_INET);
        if (fd < 0) {
            throw failure("socket");
        }
        option(fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE);
        if (ipv6) {
            option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE);
            option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
        }
        return fd;
    }

    private int socket(int family) {
        try {
            return (int) SOCKET.invokeExact(state, family, SOCK_DGRAM | NONBLOCK | CLOEXEC, 0);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    void bind(int fd, MemorySegment address, int bytes) throws IOException {
        int result;
        try {
            result = (int) BIND.invokeExact(state, fd, address, bytes);
        } catch (Throwable t) {
            throw broken(t);
        }
        if (result < 0) {
            throw failure("bind");
        }
    }

    void localAddress(int fd, MemorySegment address, MemorySegment length) throws IOException {
        int result;
        try {
            result = (int) GETSOCKNAME.invokeExact(state, fd, address, length);
        } catch (Throwable t) {
            throw broken(t);
        }
        if (result < 0) {
            throw failure("getsockname");
        }
    }

    /** Sets an option of a socket. Returns whether the system has it. */
    boolean option(int fd, int level, int name, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(JAVA_INT, value);
            boolean set = (int) SETSOCKOPT.invokeExact(state, fd, level, name, bytes, 4) == 0;
            if (!set) {
                System.getLogger(LinuxCalls.class.getName())
                        .log(Level.DEBUG, "socket option {0} of level {1}: error {2}", name, level, errno());
            }
            return set;
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** How many messages were sent, -1 when the first one failed. */
    int send(int fd, MemorySegment messages, int count) {
        try {
            return (int) SENDMMSG.invokeExact(state, fd, messages, count, 0);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** How many messages were received, -1 for an error. */
    int receive(int fd, MemorySegment messages, int count) {
        try {
            return (int) RECVMMSG.invokeExact(state, fd, messages, count, 0, MemorySegment.NULL);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    int poll(MemorySegment descriptors, int count, MemorySegment timeout) {
        try {
            return (int) PPOLL.invokeExact(state, descriptors, (long) count, timeout, MemorySegment.NULL);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** A counter that can be waited for. */
    int eventCounter() throws IOException {
        int fd;
        try {
            fd = (int) EVENTFD.invokeExact(state, 0, NONBLOCK | CLOEXEC);
        } catch (Throwable t) {
            throw broken(t);
        }
        if (fd < 0) {
            throw failure("eventfd");
        }
        return fd;
    }

    /** Reads or adds to an event counter. */
    void count(int fd, MemorySegment number, boolean add) {
        try {
            long bytes = add
                    ? (long) WRITE.invokeExact(state, fd, number, 8L)
                    : (long) READ.invokeExact(state, fd, number, 8L);
            if (bytes != 8 && errno() != EAGAIN && errno() != EINTR) {
                throw new IllegalStateException("event counter: error " + errno());
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    void close(int fd) {
        try {
            if ((int) CLOSE.invokeExact(state, fd) < 0) {
                System.getLogger(LinuxCalls.class.getName())
                        .log(Level.WARNING, "cannot close a socket: error {0}", errno());
            }
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    private IOException failure(String call) {
        return switch (errno()) {
            case EADDRINUSE -> new BindException("Address already in use");
            case EADDRNOTAVAIL -> new BindException("Cannot assign requested address");
            case EACCES -> new BindException("Permission denied");
            default -> new SocketException(call + " failed with error " + errno());
        };
    }

    private static IllegalStateException broken(Throwable cause) {
        return new IllegalStateException("a system call cannot be made", cause);
    }
}
