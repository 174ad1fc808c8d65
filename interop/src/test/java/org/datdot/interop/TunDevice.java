package org.datdot.interop;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** A network interface of Linux whose IP packets a program reads and writes; the calling process needs CAP_NET_ADMIN. */
final class TunDevice implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout ERRNO = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_VALUE = ERRNO.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final MethodHandle OPEN =
            call("open", 2, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle IOCTL = call(
            "ioctl",
            2,
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    private static final MethodHandle READ = call(
            "read",
            -1,
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle WRITE = call(
            "write",
            -1,
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle POLL = call(
            "poll",
            -1,
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            call("close", -1, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private static final int O_RDWR = 2;
    private static final long TUNSETIFF = 0x400454caL;
    private static final short IFF_TUN_NO_PI = 0x1001;
    private static final int NAME_BYTES = 16;
    private static final int REQUEST_BYTES = 40;
    private static final short POLLIN = 1;
    static final int MAX_PACKET_BYTES = 65_536;

    private final int fd;

    private TunDevice(int fd) {
        this.fd = fd;
    }

    /**
     * Makes one.
     *
     * @param name up to 15 ASCII characters
     * @throws IOException when this is not Linux, or not allowed
     */
    static TunDevice open(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(ERRNO);
            int fd = (int) OPEN.invokeExact(errno, arena.allocateFrom("/dev/net/tun"), O_RDWR);
            if (fd < 0) throw new IOException("cannot open /dev/net/tun, error " + (int) ERRNO_VALUE.get(errno, 0L));
            MemorySegment request = arena.allocate(REQUEST_BYTES, 8);
            request.setString(0, name);
            request.set(ValueLayout.JAVA_SHORT, NAME_BYTES, IFF_TUN_NO_PI);
            TunDevice device = new TunDevice(fd);
            int made = (int) IOCTL.invokeExact(errno, fd, TUNSETIFF, request);
            if (made < 0) {
                device.close();
                throw new IOException(
                        "cannot make the interface " + name + ", error " + (int) ERRNO_VALUE.get(errno, 0L));
            }
            return device;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException("cannot call into the C library", e);
        }
    }

    /** Waits for up to 100 ms for a packet that leaves through the interface; its length, 0 for none, -1 when it is closed. */
    int read(MemorySegment buffer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(8, 4);
            request.set(ValueLayout.JAVA_INT, 0, fd);
            request.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            int ready = (int) POLL.invokeExact(request, 1L, 100);
            if (ready == 0) return 0;
            return Math.toIntExact((long) READ.invokeExact(fd, buffer, buffer.byteSize()));
        } catch (Throwable e) {
            throw new IllegalStateException("cannot read from a tun device", e);
        }
    }

    /** A packet comes in through the interface; one it does not take is lost. */
    void write(MemorySegment packet) {
        try {
            long written = (long) WRITE.invokeExact(fd, packet, packet.byteSize());
            if (written > packet.byteSize()) throw new IllegalStateException("wrote more than there was");
        } catch (Throwable e) {
            throw new IllegalStateException("cannot write to a tun device", e);
        }
    }

    @Override
    public void close() {
        try {
            int closed = (int) CLOSE.invokeExact(fd);
            if (closed < 0) throw new IllegalStateException("the device was closed before");
        } catch (Throwable e) {
            throw new IllegalStateException("cannot close a tun device", e);
        }
    }

    private static MethodHandle call(String name, int fixedArguments, FunctionDescriptor shape) {
        MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
        return fixedArguments < 0
                ? LINKER.downcallHandle(symbol, shape)
                : LINKER.downcallHandle(symbol, shape, CAPTURE, Linker.Option.firstVariadicArg(fixedArguments));
    }
}
