package io.receiptd;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import org.junit.Test;

public class FramesTest {
    @Test
    public void a_frame_is_what_data_output_writes() throws IOException {
        byte[] frame = new FrameWriter(1).bool(true).i32(-2).u32(4_294_967_295L).i64(Long.MIN_VALUE).u64(Long.MAX_VALUE)
                .string("小票🧾").bytes(new byte[] {1, 2}).frame();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeBoolean(true);
        data.writeInt(-2);
        data.writeInt(-1);
        data.writeLong(Long.MIN_VALUE);
        data.writeLong(Long.MAX_VALUE);
        byte[] text = "小票🧾".getBytes(StandardCharsets.UTF_8);
        data.writeInt(text.length);
        data.write(text);
        data.writeInt(2);
        data.write(new byte[] {1, 2});
        assertArrayEquals(bytes.toByteArray(), frame);

        FrameReader in = new FrameReader(frame);
        assertTrue(in.bool());
        assertEquals(-2, in.i32());
        assertEquals(4_294_967_295L, in.u32());
        assertEquals(Long.MIN_VALUE, in.i64());
        assertEquals(Long.MAX_VALUE, in.u64());
        assertEquals("小票🧾", in.string());
        assertArrayEquals(new byte[] {1, 2}, in.bytes());
        in.end();
    }

    @Test
    public void what_is_absent_is_null() {
        byte[] frame = new FrameWriter().optionalBool(null).optionalU32(7L).optionalU64(null).optionalString("x")
                .frame();
        FrameReader in = new FrameReader(frame);
        assertNull(in.optional(FrameReader::bool));
        assertEquals(Long.valueOf(7), in.optional(FrameReader::u32));
        assertNull(in.optional(FrameReader::u64));
        assertEquals("x", in.optional(FrameReader::string));
        in.end();
    }

    @Test
    public void a_list_and_a_map_are_read_and_cannot_be_changed() {
        byte[] frame = new FrameWriter().i32(2).string("a").string("b").i32(1).string("k").string("v").frame();
        FrameReader in = new FrameReader(frame);
        assertEquals(Arrays.asList("a", "b"), in.strings());
        assertEquals(Collections.singletonMap("k", "v"), in.map());
        in.end();
        assertThrows(UnsupportedOperationException.class, () -> new FrameReader(frame).strings().add("c"));
    }

    @Test
    public void a_frame_that_is_cut_anywhere_is_told() {
        byte[] whole = Job.builder().id(1).key("k").build().toString().getBytes(StandardCharsets.UTF_8);
        byte[] frame = new FrameWriter().string("key").u64(7).bytes(whole).bool(true).frame();
        for (int length = 0; length < frame.length; length++) {
            FrameReader in = new FrameReader(Arrays.copyOf(frame, length));
            assertThrows("cut at " + length, FrameReader.Broken.class, () -> {
                in.string();
                in.u64();
                in.bytes();
                in.bool();
            });
        }
    }

    @Test
    public void what_no_frame_holds_is_told() {
        assertThrows(FrameReader.Broken.class, () -> new FrameReader(new byte[] {2}).bool());
        assertThrows(FrameReader.Broken.class, () -> new FrameReader(new byte[] {1}).end());
        byte[] below = new FrameWriter().i32(-1).frame();
        assertThrows(FrameReader.Broken.class, () -> new FrameReader(below).string());
        assertThrows(FrameReader.Broken.class, () -> new FrameReader(below).strings());
        assertThrows(FrameReader.Broken.class, () -> new FrameReader(new FrameWriter().i64(-1).frame()).u64());
        // A count that would take all memory is found before any is taken.
        byte[] endless = new FrameWriter().i32(Integer.MAX_VALUE).frame();
        assertThrows(FrameReader.Broken.class, () -> new FrameReader(endless).strings());
    }

    @Test
    public void numbers_out_of_range_are_not_written() {
        FrameWriter out = new FrameWriter();
        assertThrows(IllegalArgumentException.class, () -> out.u32(-1));
        assertThrows(IllegalArgumentException.class, () -> out.u32(1L << 32));
        assertThrows(IllegalArgumentException.class, () -> out.u64(-1));
        assertEquals(0, out.frame().length);
    }

    @Test
    public void half_of_a_character_is_a_question_mark_and_no_broken_text() {
        FrameReader in = new FrameReader(new FrameWriter().string("a\ud83eb").frame());
        assertEquals("a?b", in.string());
    }
}
