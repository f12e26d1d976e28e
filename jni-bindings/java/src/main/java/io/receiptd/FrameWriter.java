package io.receiptd;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes a frame, as {@code BOUNDARY.md} has it. Each method gives the writer back. */
final class FrameWriter {
    private byte[] bytes;
    private int length;

    FrameWriter() {
        this(64);
    }

    /** With room for {@code size} bytes; it grows. */
    FrameWriter(int size) {
        bytes = new byte[size];
    }

    FrameWriter bool(boolean value) {
        room(1);
        bytes[length++] = (byte) (value ? 1 : 0);
        return this;
    }

    /** A signed number of 32 bits, or the bits of an unsigned one. */
    FrameWriter i32(int value) {
        room(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
        return this;
    }

    FrameWriter u32(long value) {
        if (value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException(value + " is not between 0 and 4294967295");
        }
        return i32((int) value);
    }

    FrameWriter i64(long value) {
        return i32((int) (value >>> 32)).i32((int) value);
    }

    FrameWriter u64(long value) {
        if (value < 0) {
            throw new IllegalArgumentException(value + " is below 0");
        }
        return i64(value);
    }

    /** Half of a surrogate pair, which is no character, becomes a question mark. */
    FrameWriter string(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    FrameWriter bytes(byte[] value) {
        i32(value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    FrameWriter optionalBool(Boolean value) {
        bool(value != null);
        return value == null ? this : bool(value);
    }

    FrameWriter optionalU32(Long value) {
        bool(value != null);
        return value == null ? this : u32(value);
    }

    FrameWriter optionalU64(Long value) {
        bool(value != null);
        return value == null ? this : u64(value);
    }

    FrameWriter optionalString(String value) {
        bool(value != null);
        return value == null ? this : string(value);
    }

    byte[] frame() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /** How many bytes were written. */
    int length() {
        return length;
    }

    /** The frame, with what is large put in at a place: so it is copied once. */
    byte[] frame(int at, byte[] large) {
        byte[] whole = new byte[Math.addExact(length, large.length)];
        System.arraycopy(bytes, 0, whole, 0, at);
        System.arraycopy(large, 0, whole, at, large.length);
        System.arraycopy(bytes, at, whole, at + large.length, length - at);
        return whole;
    }

    private void room(int more) {
        int needed = length + more;
        if (needed < 0) {
            throw new IllegalArgumentException("a frame of more than 2 GiB");
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8L, bytes.length * 2L)));
        }
    }
}
