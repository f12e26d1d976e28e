package io.receiptd;

import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.Request;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

/**
 * Runs tests and says each one's name and time: {@code Class} or {@code Class#method} each. One that hangs ends the run, with
 * its name and where it hangs.
 */
public final class Tests {
    /** Several times what the slowest may take by its own {@link World#PATIENCE_S}. */
    private static final long HANGS_MS = 300_000;

    private Tests() {}

    public static void main(String[] arguments) throws Exception {
        JUnitCore core = new JUnitCore();
        List<Failure> failures = new ArrayList<>();
        core.addListener(new RunListener() {
            private final Timer timer = new Timer("hangs", true);
            private final Thread runner = Thread.currentThread();
            private TimerTask hangs;
            private long since;
            private boolean failed;

            @Override
            public void testStarted(Description test) {
                since = System.nanoTime();
                failed = false;
                hangs = new TimerTask() {
                    @Override
                    public void run() {
                        System.out.printf("HANGS   %s%n", test);
                        for (StackTraceElement at : runner.getStackTrace()) {
                            System.out.println("\tat " + at);
                        }
                        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
                        Runtime.getRuntime().halt(1);
                    }
                };
                timer.schedule(hangs, HANGS_MS);
            }

            @Override
            public void testFailure(Failure failure) {
                failed = true;
                failures.add(failure);
            }

            @Override
            public void testFinished(Description test) {
                hangs.cancel();
                System.out.printf("%s %5d ms  %s.%s%n", failed ? "FAILED" : "ok    ",
                        (System.nanoTime() - since) / 1_000_000,
                        test.getTestClass().getSimpleName(), test.getMethodName());
            }
        });
        int run = 0;
        for (String argument : arguments) {
            String[] parts = argument.split("#");
            Class<?> type = Class.forName(parts[0]);
            Result result = core.run(parts.length > 1 ? Request.method(type, parts[1]) : Request.aClass(type));
            run += result.getRunCount();
            for (Failure failure : result.getFailures()) {
                if (!failures.contains(failure)) {
                    failures.add(failure);
                }
            }
        }
        for (Failure failure : failures) {
            System.out.printf("%n%s%n%s", failure.getTestHeader(), failure.getTrimmedTrace());
        }
        System.out.printf("%n%d tests, %d failed%n", run, failures.size());
        System.exit(failures.isEmpty() && run > 0 ? 0 : 1);
    }
}
