package io.receiptd;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.receiptd.document.Copy;
import io.receiptd.document.Receipt;
import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

public class ValuesTest {
    @Test
    public void a_job_is_read_field_by_field_and_equals_its_copy() {
        FrameWriter out = new FrameWriter();
        out.u64(7).string("key").string("till").string("printed").string("ok").string("Sale 18.50").string("customer");
        out.u32(4_000_000_000L).u64(1_700_000_000_000L).i32(2).i32(1).u64(900).i32(31).i32(120).i32(30).bool(true);
        out.optionalString("A+").optionalU64(1_700_000_000_900L).optionalString(null).optionalString("again");
        out.optionalU64(6L);
        out.i32(1).u64(1_700_000_000_000L).string("accepted").i32(0).i32(1).string("by").string("app");
        FrameReader in = new FrameReader(out.frame());
        Job job = Job.read(in);
        in.end();
        assertEquals(7, job.getId());
        assertEquals(JobState.PRINTED, job.getState());
        assertTrue(job.hasEnded());
        assertEquals(CutState.OK, job.getCut());
        assertEquals(4_000_000_000L, job.getOwnerUid());
        assertEquals(Grade.A_PLUS, job.getGrade());
        assertNull(job.getPausedReason());
        assertEquals(Long.valueOf(6), job.getReprintOf());
        assertEquals("app", job.getStory().get(0).getParams().get("by"));
        assertEquals(job, job.toBuilder().build());
        assertEquals(job.hashCode(), job.toBuilder().build().hashCode());
        assertNotEquals(job, job.toBuilder().id(8).build());
        assertNotEquals(job, job.toBuilder().story(Collections.emptyList()).build());
        assertFalse("a title is content: " + job, job.toString().contains("18.50"));
    }

    @Test
    public void a_word_of_a_newer_daemon_is_unknown_and_no_error() {
        assertEquals(JobState.UNKNOWN, JobState.of("teleported"));
        assertFalse(JobState.UNKNOWN.hasEnded());
        assertFalse(JobState.CANCELED.isOnPaper());
        assertEquals("teleported-too", new ReceiptException("teleported-too", "m", "z", "later").getName());
        assertEquals(ReceiptException.Code.UNKNOWN, new ReceiptException("Teapot", "m", "z", "never").getCode());
    }

    @Test
    public void what_is_handed_out_cannot_be_changed_from_outside() {
        byte[] bytes = {1, 2, 3};
        StoredReceipt receipt = StoredReceipt.builder().bytes(bytes).build();
        bytes[0] = 9;
        receipt.getBytes()[1] = 9;
        assertArrayEquals(new byte[] {1, 2, 3}, receipt.getBytes());

        List<CopyJob> jobs = new ArrayList<>(Collections.singletonList(new CopyJob(1, "merchant")));
        Submitted submitted = Submitted.builder().jobs(jobs).build();
        jobs.clear();
        assertEquals(Collections.singletonList(1L), submitted.getJobIds());
        assertThrows(UnsupportedOperationException.class, () -> submitted.getJobs().clear());

        byte[] raw = {27, 64};
        SubmitRequest request = SubmitRequest.builder("k").raw(raw).build();
        raw[0] = 0;
        request.getDocument()[1] = 0;
        assertArrayEquals(new byte[] {27, 64}, request.getDocument());
    }

    @Test
    public void a_request_wants_a_document_and_tells_none_of_it() {
        assertThrows(IllegalStateException.class, () -> SubmitRequest.builder("k").build());
        SubmitRequest request = SubmitRequest.builder("k").text("PAN 4111111111111111").title("Sale 18.50")
                .expiresAfter(1500, TimeUnit.MILLISECONDS).hold(true).build();
        assertFalse(request.toString(), request.toString().contains("4111") || request.toString().contains("18.50"));
        assertEquals(Integer.valueOf(2), request.getOptions().getExpiresAfterS());
        assertEquals(Boolean.TRUE, request.getOptions().getHold());
        assertEquals(request, request.toBuilder().build());
        assertEquals(request.hashCode(), request.toBuilder().build().hashCode());
        assertNotEquals(request, request.toBuilder().printer("bar").build());
        assertThrows(IllegalArgumentException.class, () -> SubmitRequest.builder("k").expiresAfter(-1, TimeUnit.DAYS));
        assertThrows(NullPointerException.class, () -> SubmitRequest.builder(null));
    }

    @Test
    public void the_last_document_of_a_request_counts() {
        SubmitRequest request = SubmitRequest.builder("k").text("text").receipt(Receipt.builder().text("x").build())
                .build();
        assertEquals(DocumentKind.JSON, request.getKind());
    }

    @Test
    public void a_filter_lets_through_what_the_daemon_would() {
        Job job = Job.builder().id(1).key("k").printer("till").state(JobState.PRINTED).ownerUid(1000).acceptedMs(50)
                .build();
        assertTrue(JobFilter.builder().build().matches(job));
        assertTrue(JobFilter.builder().printer("till").key("k").ownerUid(1000L).sinceMs(50L).untilMs(51L).build()
                .matches(job));
        assertFalse(JobFilter.builder().printer("bar").build().matches(job));
        assertFalse(JobFilter.builder().state(JobState.QUEUED).build().matches(job));
        assertFalse(JobFilter.builder().ownerUid(0L).build().matches(job));
        assertFalse(JobFilter.builder().sinceMs(51L).build().matches(job));
        assertFalse(JobFilter.builder().untilMs(50L).build().matches(job));
        assertFalse(JobFilter.builder().key("K").build().matches(job));
        assertFalse(JobFilter.builder().activeOnly(true).build().matches(job));
        assertTrue(JobFilter.builder().activeOnly(false).build().matches(job));
    }

    @Test
    public void the_widened_filter_lets_through_what_either_does() {
        JobFilter[] filters = {
            JobFilter.builder().build(),
            JobFilter.builder().printer("till").build(),
            JobFilter.builder().printer("till").state(JobState.QUEUED).build(),
            JobFilter.builder().printer("bar").key("k").build(),
            JobFilter.builder().sinceMs(10L).untilMs(20L).activeOnly(true).build(),
            JobFilter.builder().sinceMs(15L).untilMs(30L).ownerUid(5L).build(),
            JobFilter.builder().ownerUid(5L).activeOnly(true).build(),
        };
        List<Job> jobs = new ArrayList<>();
        for (String printer : new String[] {"till", "bar"}) {
            for (String key : new String[] {"k", "l"}) {
                for (JobState state : new JobState[] {JobState.QUEUED, JobState.PRINTED}) {
                    for (long at : new long[] {9, 10, 19, 20, 29, 30}) {
                        for (long uid : new long[] {5, 6}) {
                            jobs.add(Job.builder().printer(printer).key(key).state(state).acceptedMs(at).ownerUid(uid)
                                    .build());
                        }
                    }
                }
            }
        }
        for (JobFilter one : filters) {
            assertEquals(one, Watches.union(one, one));
            for (JobFilter other : filters) {
                JobFilter union = Watches.union(one, other);
                assertEquals(union, Watches.union(union, other));
                for (Job job : jobs) {
                    if (one.matches(job) || other.matches(job)) {
                        assertTrue(one + " or " + other + " is not in " + union, union.matches(job));
                    }
                }
            }
        }
    }

    @Test
    public void the_configuration_in_process_is_toml_whatever_the_strings_are() {
        String toml = ReceiptPrinter.inProcess(new File("/spool")).printerName("a\"b\\c\n\u0001小")
                .model("xprinter-xp-80")
                .whenUncertain(UncertainPolicy.HOLD).keepBodiesDays(3).keepJobsDays(30).keepJobsMax(500)
                .refuseCardNumbers(true).jobNumber(false)
                .copy(Copy.CUSTOMER, CopyRule.builder().keepDigits(0, 4).label("顾客联").build()).toml();
        assertEquals("[spool]\nkeep-bodies-days = 3\nkeep-jobs-days = 30\nkeep-jobs-max = 500\n"
                + "[jobs]\nwhen-uncertain = \"hold\"\n[cards]\naction = \"refuse\"\n"
                + "[copies.customer]\nkeep-first = 0\nkeep-last = 4\nlabel = \"顾客联\"\n"
                + "[[printer]]\nname = \"a\\\"b\\\\c\\u000A\\u0001小\"\nconnect = \"usb\"\nmodel = \"xprinter-xp-80\"\n"
                + "job-number = false\n", toml);
        assertEquals("[[printer]]\nname = \"printer\"\nconnect = \"usb\"\npaper = \"58mm\"\n",
                ReceiptPrinter.inProcess(new File("/spool")).paper(PaperWidth.MM_58).toml());
        assertEquals("[[printer]]\nname = \"printer\"\nconnect = \"tcp:[::1]:9100\"\n",
                ReceiptPrinter.inProcess(new File("/spool")).networkPrinter("::1", 9100).toml());
        assertEquals("raw", ReceiptPrinter.inProcess(new File("/spool")).model("x").configuration("raw").toml());
        assertThrows(IllegalArgumentException.class, () -> CopyRule.builder().keepDigits(7, 4));
    }

    @Test
    public void the_same_exception_is_thrown_in_another_thread_with_its_cause() {
        ReceiptException told = new ReceiptException("QueueFull", "the queue is full", "打印队列已满", "after-person");
        ReceiptException thrown = new ReceiptException(told);
        assertEquals(ReceiptException.Code.QUEUE_FULL, thrown.getCode());
        assertEquals(ReceiptException.Retry.AFTER_PERSON, thrown.getRetry());
        assertEquals("打印队列已满", thrown.getMessageZh());
        assertEquals("the queue is full", thrown.getMessage());
        assertEquals(told, thrown.getCause());
    }
}
