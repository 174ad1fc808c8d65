package org.datdot.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.Arrays;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.wire.SecretStream;

/** A bare TCP connection which can speak the secret stream as far as a test wants it to, and then anything else. */
final class RawPeer implements AutoCloseable, SecretStream.Listener {
    private final Socket socket;
    private final SecretStream stream =
            new SecretStream(true, KeyPair.generate(Entropy.system()), null, Entropy.system(), this);

    RawPeer(int port) {
        try {
            socket = new Socket(JavaPeer.local(port).getAddress(), port);
            socket.setSoTimeout((int) Waiting.PATIENCE.toMillis());
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Performs the handshake; messages can be sealed then. */
    RawPeer handshake() {
        stream.start();
        byte[] received = new byte[0];
        byte[] buffer = new byte[4096];
        try {
            while (!stream.open()) {
                int count = socket.getInputStream().read(buffer);
                if (count < 0) throw new AssertionError("closed during the handshake");
                int before = received.length;
                received = Arrays.copyOf(received, before + count);
                System.arraycopy(buffer, 0, received, before, count);
                int taken = stream.receive(received, 0, received.length);
                received = Arrays.copyOfRange(received, taken, received.length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The frame of an encrypted message. */
    byte[] seal(byte[] message) {
        return stream.send(message);
    }

    /** Writes bytes as they are; whether the peer still takes any. */
    boolean write(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return true;
        } catch (IOException e) {
            return false; // closed by the peer, which is what most tests wait for
        }
    }

    /** Says that nothing more comes from here, and goes on listening. */
    void halfClose() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads until the peer closes the connection; fails when it does not. */
    void requireClosedByPeer() {
        byte[] buffer = new byte[4096];
        try {
            while (socket.getInputStream().read(buffer) >= 0) {
                // what the peer sent before it noticed
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the peer did not close the connection", e);
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("reset")) throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onOutput(byte[] frames) {
        if (!write(frames)) throw new AssertionError("closed during the handshake");
    }

    @Override
    public void onOpen() {}

    @Override
    public void onMessage(byte[] message) {}

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
