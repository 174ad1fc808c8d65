package org.datdot.udx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Addresses in the form of Linux: {@code sockaddr_in} and {@code sockaddr_in6}. */
final class SocketAddresses {
    static final int MAX_BYTES = 28;
    private static final int IPV4_BYTES = 16;

    private SocketAddresses() {}

    /**
     * Puts an address.
     *
     * @param ipv6 whether the socket is one for IPv6, which is told IPv4 addresses as mapped ones
     * @return how many bytes it takes
     */
    static int put(MemorySegment target, long at, InetSocketAddress address, boolean ipv6) {
        byte[] host = address.getAddress().getAddress();
        target.set(JAVA_SHORT_UNALIGNED, at, (short) (ipv6 ? LinuxCalls.AF_INET6 : LinuxCalls.AF_INET));
        target.set(JAVA_SHORT_UNALIGNED, at + 2, Short.reverseBytes((short) address.getPort()));
        if (!ipv6) {
            MemorySegment.copy(host, 0, target, JAVA_BYTE, at + 4, 4);
            target.set(JAVA_INT_UNALIGNED, at + 8, 0);
            target.set(JAVA_INT_UNALIGNED, at + 12, 0);
            return IPV4_BYTES;
        }
        target.set(JAVA_INT_UNALIGNED, at + 4, 0);
        target.set(JAVA_INT_UNALIGNED, at + 24, 0);
        if (host.length == 16) {
            MemorySegment.copy(host, 0, target, JAVA_BYTE, at + 8, 16);
            if (address.getAddress() instanceof Inet6Address six) {
                target.set(JAVA_INT_UNALIGNED, at + 24, six.getScopeId());
            }
        } else {
            byte[] mapped = new byte[16];
            mapped[10] = (byte) 0xff;
            mapped[11] = (byte) 0xff;
            System.arraycopy(host, 0, mapped, 12, 4);
            MemorySegment.copy(mapped, 0, target, JAVA_BYTE, at + 8, 16);
        }
        return MAX_BYTES;
    }

    /** Reads an address; a mapped one becomes IPv4. */
    static InetSocketAddress get(MemorySegment source, long at) {
        boolean ipv6 = source.get(JAVA_SHORT_UNALIGNED, at) == LinuxCalls.AF_INET6;
        int port = Short.toUnsignedInt(Short.reverseBytes(source.get(JAVA_SHORT_UNALIGNED, at + 2)));
        byte[] host = new byte[ipv6 ? 16 : 4];
        MemorySegment.copy(source, JAVA_BYTE, at + (ipv6 ? 8 : 4), host, 0, host.length);
        int scope = ipv6 ? source.get(JAVA_INT_UNALIGNED, at + 24) : 0;
        try {
            InetAddress address =
                    scope == 0 ? InetAddress.getByAddress(host) : Inet6Address.getByAddress(null, host, scope);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + Arrays.toString(host), e);
        }
    }
}
