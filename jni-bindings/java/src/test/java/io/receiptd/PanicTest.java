package io.receiptd;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.Assume;
import org.junit.Test;

/** A defect of native code does not take the app with it. */
public class PanicTest {
    /** Operations of a native library that was built for tests: it panics, in a task of its own and in the native method. */
    private static final int[] PANICS = {Integer.MIN_VALUE, Integer.MIN_VALUE + 1};

    @Test
    public void a_panic_in_native_code_is_an_unchecked_exception_and_costs_nothing_else() throws Exception {
        NativeBridge.load();
        try (World world = World.ready()) {
            long handle = NativeBridge.openRemote(new FrameWriter().string(world.socket()).frame());
            for (int operation : PANICS) {
                IllegalStateException e = assertThrows(IllegalStateException.class,
                        () -> NativeBridge.call(handle, operation, 0, new byte[0]));
                Assume.assumeFalse("built without its tests", e.getMessage().contains("out of its range"));
                assertEquals("a defect of receiptd: on purpose", e.getMessage());
            }
            CompletableFuture<String> told = new CompletableFuture<>();
            NativeBridge.register(handle, (kind, ticket, frame) -> {
                FrameReader in = new FrameReader(frame);
                told.complete(kind + " " + ticket + " " + in.string() + ": " + in.string());
            });
            NativeBridge.start(handle, PANICS[0], 7, new byte[0]);
            assertEquals(NativeBridge.REFUSAL + " 7 Protocol: a defect of receiptd: on purpose", World.get(told));
            // The thread that panicked serves the next call.
            assertTrue(NativeBridge.call(handle, Operation.LIST_PRINTERS, 0, new byte[0]).length > 4);
            NativeBridge.unregister(handle);
            NativeBridge.close(handle);
        }
    }
}
