package io.receiptd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a frame, as {@code BOUNDARY.md} has it. A frame that is cut short or goes on is {@link Broken}. */
final class FrameReader {
    /** The frame is not what the boundary says: the library and the classes do not fit. */
    static final class Broken extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message);
        }
    }

    /** Reads one value. */
    interface Item<T> {
        T read(FrameReader in);
    }

    private final byte[] bytes;
    private int at;

    FrameReader(byte[] frame) {
        bytes = frame;
    }

    boolean bool() {
        int value = bytes[need(1)];
        if (value != 0 && value != 1) {
            throw new Broken("a bool of " + value + " at byte " + (at - 1));
        }
        return value == 1;
    }

    int i32() {
        int from = need(4);
        return (bytes[from] & 0xff) << 24 | (bytes[from + 1] & 0xff) << 16 | (bytes[from + 2] & 0xff) << 8
                | bytes[from + 3] & 0xff;
    }

    long u32() {
        return i32() & 0xffff_ffffL;
    }

    /** A u32 as an int; what is above 2^31 - 1, which no count ever is, reads as that. */
    int count32() {
        return (int) Math.min(u32(), Integer.MAX_VALUE);
    }

    long i64() {
        return (long) i32() << 32 | u32();
    }

    long u64() {
        long value = i64();
        if (value < 0) {
            throw new Broken("a number above 2^63 - 1 at byte " + (at - 8));
        }
        return value;
    }

    String string() {
        int size = count();
        int from = need(size);
        return new String(bytes, from, size, StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        int size = count();
        int from = need(size);
        return Arrays.copyOfRange(bytes, from, from + size);
    }

    <T> List<T> list(Item<T> item) {
        int count = count();
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(item.read(this));
        }
        return Collections.unmodifiableList(list);
    }

    List<String> strings() {
        return list(FrameReader::string);
    }

    Map<String, String> map() {
        int count = count();
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = string();
            map.put(key, string());
        }
        return Collections.unmodifiableMap(map);
    }

    /** The value, or null if it is absent. */
    <T> T optional(Item<T> item) {
        return bool() ? item.read(this) : null;
    }

    /** Nothing may follow. */
    void end() {
        if (at != bytes.length) {
            throw new Broken((bytes.length - at) + " bytes behind the end of a frame");
        }
    }

    /** A length or a number of items; each has a byte at least, so more than there are bytes is a broken frame. */
    private int count() {
        int count = i32();
        if (count < 0 || count > bytes.length - at) {
            throw new Broken("a length of " + count + " at byte " + (at - 4) + " with " + (bytes.length - at)
                    + " bytes behind it");
        }
        return count;
    }

    private int need(int size) {
        if (size > bytes.length - at) {
            throw new Broken("the frame ends at byte " + bytes.length + ", " + (size - (bytes.length - at))
                    + " bytes too early");
        }
        int from = at;
        at += size;
        return from;
    }
}
