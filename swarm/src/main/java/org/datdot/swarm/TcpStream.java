package org.datdot.swarm;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** A TCP socket. Its keep-alive finds a peer that vanished after about a minute. */
final class TcpStream implements ByteStream {
    private final SocketChannel channel;
    private volatile @Nullable InetSocketAddress remoteAddress;

    /** A socket that is not connected yet. */
    TcpStream() throws IOException {
        this(SocketChannel.open());
    }

    /** A socket that is connected, or will be by {@link #dial}. */
    TcpStream(SocketChannel channel) {
        this.channel = channel;
    }

    /** Waits until the peer has accepted; {@link #close()} ends the wait. */
    void dial(InetSocketAddress address) throws IOException {
        configure();
        try {
            channel.connect(address);
        } catch (ConnectException e) {
            ConnectException clear = new ConnectException("nobody answers at " + address + " (" + e.getMessage()
                    + "); check the address and that the peer runs");
            clear.initCause(e);
            throw clear;
        }
        remoteAddress = address;
    }

    /** Prepares a socket that was accepted. */
    void accepted() throws IOException {
        configure();
        remoteAddress = (InetSocketAddress) channel.getRemoteAddress();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public int available() throws IOException {
        return channel.socket().getInputStream().available();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        InetSocketAddress address = remoteAddress;
        if (address == null) {
            throw new IllegalStateException("not connected yet");
        }
        return address;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void configure() throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 30);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
        }
    }
}
