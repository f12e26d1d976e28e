package io.receiptd;

import java.util.ArrayList;
import java.util.List;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.Request;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

/** Runs tests and says each one's name and time: {@code Class} or {@code Class#method} each. */
public final class Tests {
    private Tests() {}

    public static void main(String[] arguments) throws Exception {
        JUnitCore core = new JUnitCore();
        List<Failure> failures = new ArrayList<>();
        core.addListener(new RunListener() {
            private long since;
            private boolean failed;

            @Override
            public void testStarted(Description test) {
                since = System.nanoTime();
                failed = false;
            }

            @Override
            public void testFailure(Failure failure) {
                failed = true;
                failures.add(failure);
            }

            @Override
            public void testFinished(Description test) {
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
