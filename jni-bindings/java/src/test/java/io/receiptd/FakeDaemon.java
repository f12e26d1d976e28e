package io.receiptd;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Something on the daemon's socket that shakes hands as the daemon does, and then answers every call alike: with what
 * no daemon answers, or with nothing.
 */
final class FakeDaemon implements Closeable {
    private static final int METHOD_RETURN = 2;
    private static final int ERROR = 3;
    private static final int HEADER_BYTES = 16;

    /** What is answered to the call with this number; null: the connection is closed. */
    interface Answer {
        byte[] to(int serial);
    }

    private final Path socket;
    private final ServerSocketChannel server;

    FakeDaemon(String path, Answer answer) throws IOException {
        socket = Path.of(path);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread thread = new Thread(() -> serve(answer), "fake-daemon");
        thread.setDaemon(true);
        thread.start();
    }

    /** An answer whose body is a string, whatever was asked for. */
    static byte[] string(int serial, String body) {
        return message(METHOD_RETURN, serial, null, body);
    }

    /** A refusal. */
    static byte[] error(int serial, String name, String message) {
        return message(ERROR, serial, name, message);
    }

    private void serve(Answer answer) {
        while (true) {
            try (SocketChannel client = server.accept()) {
                shakeHands(client);
                for (byte[] said = answer.to(call(client)); said != null; said = answer.to(call(client))) {
                    write(client, said);
                }
                // Whoever comes after this finds nobody.
                close();
                return;
            } catch (IOException e) {
                if (!server.isOpen()) {
                    return;
                }
            }
        }
    }

    private static void shakeHands(SocketChannel client) throws IOException {
        while (true) {
            StringBuilder line = new StringBuilder();
            while (line.indexOf("\r\n") < 0) {
                line.append((char) read(client, 1).get());
            }
            if (line.indexOf("BEGIN") >= 0) {
                return;
            }
            String said = line.indexOf("AUTH") >= 0 ? "OK 0123456789abcdef0123456789abcdef\r\n" : "AGREE_UNIX_FD\r\n";
            write(client, said.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Reads one message, and gives its number. */
    private static int call(SocketChannel client) throws IOException {
        ByteBuffer header = read(client, HEADER_BYTES);
        header.order(header.get(0) == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int body = header.getInt(4);
        int fields = header.getInt(12);
        read(client, (fields + 7) / 8 * 8 + body);
        return header.getInt(8);
    }

    private static byte[] message(int type, int serial, String error, String body) {
        ByteBuffer out = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        byte[] text = body.getBytes(StandardCharsets.UTF_8);
        out.put((byte) 'l').put((byte) type).put((byte) 1).put((byte) 1).putInt(4 + text.length + 1).putInt(1).putInt(0);
        field(out, 5, 'u').putInt(serial);
        if (error != null) {
            byte[] name = error.getBytes(StandardCharsets.US_ASCII);
            field(out, 4, 's').putInt(name.length).put(name).put((byte) 0);
        }
        field(out, 8, 'g').put((byte) 1).put((byte) 's').put((byte) 0);
        out.putInt(12, out.position() - HEADER_BYTES);
        align(out).putInt(text.length).put(text).put((byte) 0);
        byte[] whole = new byte[out.position()];
        out.flip().get(whole);
        return whole;
    }

    private static ByteBuffer field(ByteBuffer out, int code, char type) {
        return align(out).put((byte) code).put((byte) 1).put((byte) type).put((byte) 0);
    }

    private static ByteBuffer align(ByteBuffer out) {
        while (out.position() % 8 != 0) {
            out.put((byte) 0);
        }
        return out;
    }

    private static ByteBuffer read(SocketChannel client, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (client.read(bytes) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    private static void write(SocketChannel client, byte[] said) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(said);
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    /** Nobody is here any more, not even a socket. */
    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
    }
}
