package io.receiptd;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import io.receiptd.document.Align;
import io.receiptd.document.Copy;
import io.receiptd.document.Receipt;
import io.receiptd.document.TextLine;
import java.io.FileInputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The main job, and every method of the interface. */
public class PrintTest {
    private World world;
    private ReceiptPrinter printer;

    @Before
    public void start() throws Exception {
        world = World.ready();
        printer = world.open();
    }

    @After
    public void end() throws Exception {
        printer.close();
        world.close();
    }

    private static Receipt coffee() {
        return Receipt.builder().title("蓝门咖啡").pair("拿铁 Latte", "18.50").text("谢谢惠顾 🧾☕ thanks").build();
    }

    @Test
    public void a_receipt_is_printed_and_its_end_is_told() throws Exception {
        Receipt both = coffee().toBuilder().copies(Copy.MERCHANT, Copy.CUSTOMER)
                .add(TextLine.builder().text("merchant only").align(Align.CENTER).only(Copy.MERCHANT).build()).build();
        List<Job> jobs = printer.print(SubmitRequest.of("sale-1", both));
        assertEquals(2, jobs.size());
        assertEquals(Arrays.asList("merchant", "customer"),
                Arrays.asList(jobs.get(0).getCopy(), jobs.get(1).getCopy()));
        for (Job job : jobs) {
            assertTrue(job.toString(), job.getState().isOnPaper());
            assertNotNull(job.getGrade());
        }
        String paper = world.paper("till");
        assertEquals(paper, 2, paper.split("拿铁 Latte", -1).length - 1);
        assertEquals(paper, 1, paper.split("merchant only", -1).length - 1);
    }

    @Test
    public void chinese_and_emoji_survive_the_way_there_and_back() throws Exception {
        String key = "单号-🧾-𠮷-1";
        String title = "咖啡 ☕ 🇨🇳 e\u0301";
        Submitted submitted = printer.submit(SubmitRequest.builder(key).receipt(coffee()).title(title).hold(true)
                .build());
        long id = submitted.getJobIds().get(0);
        Job job = printer.getJob(id);
        assertEquals(key, job.getKey());
        assertEquals(title, job.getTitle());
        assertEquals(JobState.HELD, job.getState());
        assertEquals(Collections.singletonList(id), printer.findJobs(key));
        printer.release(id);
        assertTrue(World.get(printer.whenDone(id)).getState().isOnPaper());
        assertTrue(world.paper("till").contains("拿铁 Latte"));
    }

    @Test
    public void the_same_key_is_the_same_receipt() throws Exception {
        SubmitRequest request = SubmitRequest.of("sale-1", coffee());
        Submitted first = printer.submit(request);
        Submitted again = World.get(printer.submitAsync(request));
        assertFalse(first.isExisted());
        assertTrue(again.isExisted());
        assertEquals(first.getJobs(), again.getJobs());
        printer.print(request);
        assertEquals(1, world.paper("till").split("18.50", -1).length - 1);
    }

    @Test
    public void every_kind_of_document_is_taken() throws Exception {
        byte[] raw = "\u001b@raw bytes\n".getBytes(StandardCharsets.US_ASCII);
        printer.submit(SubmitRequest.builder("raw").raw(raw).build());
        printer.submit(SubmitRequest.builder("text").text("plain text 文本\n").build());
        printer.submit(SubmitRequest.builder("json").json(coffee().toJson()).build());
        Path file = world.folder().resolve("document.txt");
        Files.write(file, "out of a file 文件\n".getBytes(StandardCharsets.UTF_8));
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            // Read from its beginning, wherever its position is.
            assertEquals('o', in.read());
            printer.submit(SubmitRequest.builder("file").file(DocumentKind.TEXT, in.getFD()).build());
        }
        Path fifo = world.folder().resolve("fifo");
        World.await(new ProcessBuilder("mkfifo", fifo.toString()).start());
        Process cat = new ProcessBuilder("cp", file.toString(), fifo.toString()).start();
        List<Job> jobs;
        try (FileInputStream pipe = new FileInputStream(fifo.toFile())) {
            jobs = printer.print(SubmitRequest.builder("pipe").file(DocumentKind.TEXT, pipe.getFD()).build());
        }
        assertTrue(jobs.get(0).getState().isOnPaper());
        World.await(cat);
        String paper = world.paper("till");
        for (String text : new String[] {"raw bytes", "plain text 文本", "18.50"}) {
            assertTrue(paper, paper.contains(text));
        }
        assertEquals(paper, 2, paper.split("out of a file 文件", -1).length - 1);
    }

    @Test
    public void a_closed_file_is_refused_here() throws Exception {
        RandomAccessFile file = new RandomAccessFile(world.folder().resolve("f").toFile(), "rw");
        SubmitRequest request = SubmitRequest.builder("k").file(DocumentKind.TEXT, file.getFD()).build();
        file.close();
        org.junit.Assert.assertThrows(IllegalArgumentException.class, () -> printer.submit(request));
        org.junit.Assert.assertThrows(IllegalArgumentException.class, () -> printer.submitAsync(request));
        assertTrue(World.get(printer.findJobsAsync("k")).isEmpty());
    }

    @Test
    public void what_is_on_the_paper_can_be_had_without_paper() throws Exception {
        long id = printer.print(SubmitRequest.of("sale-1", coffee())).get(0).getId();
        StoredReceipt receipt = printer.getReceipt(id);
        assertEquals(id, receipt.getId());
        assertEquals("蓝门咖啡", receipt.getTitle());
        assertTrue(receipt.getBytes().length > 50);
        assertEquals(576L, Json.object(Json.read(receipt.getProfile())).get("dots"));
        // The line with emoji was drawn.
        assertEquals(1, receipt.getDrawn().size());
        assertTrue(receipt.getDrawn().get(0).getText().contains("🧾"));
        assertArrayEquals(receipt.getBytes(), World.get(printer.getReceiptAsync(id)).getBytes());
    }

    @Test
    public void a_finished_job_is_printed_again_with_its_mark() throws Exception {
        long id = printer.print(SubmitRequest.of("sale-1", coffee())).get(0).getId();
        long again = printer.reprint(id, "customer asked", "sale-1-again");
        assertEquals(again, World.get(printer.reprintAsync(id, "customer asked", "sale-1-again")).longValue());
        Job job = World.get(printer.whenDone(again));
        assertTrue(job.getState().isOnPaper());
        assertEquals(2, job.getDuplicate());
        assertEquals(Long.valueOf(id), job.getReprintOf());
        assertTrue(world.paper("till").contains("DUPLICATE"));
    }

    @Test
    public void a_job_that_waits_is_taken_back() throws Exception {
        long id = printer.submit(SubmitRequest.builder("k").receipt(coffee()).hold(true).build()).getJobIds().get(0);
        CompletableFuture<Job> done = printer.whenDone(id);
        printer.cancel(id, "wrong amount");
        assertEquals(JobState.CANCELED, World.get(done).getState());
        Job job = printer.getJob(id);
        assertEquals("wrong amount", job.getReason());
        assertTrue(job.getStory().size() >= 2);
        assertEquals("accepted", job.getStory().get(0).getEvent());
        assertNull(job.getGrade());
    }

    @Test
    public void a_job_whose_printer_is_off_is_held_released_and_taken_back() throws Exception {
        world.stop();
        world.section("[[printer]]\nname = \"off\"\nconnect = \"tcp:127.0.0.1:9\"\n");
        world.start();
        long id = printer.submit(SubmitRequest.builder("k").printer("off").receipt(coffee()).build()).getJobIds()
                .get(0);
        printer.hold(id, "等一等 ⏳");
        Job held = printer.getJob(id);
        assertEquals(JobState.HELD, held.getState());
        assertEquals("等一等 ⏳", held.getReason());
        World.get(printer.releaseAsync(id));
        assertEquals(JobState.QUEUED, printer.getJob(id).getState());
        World.get(printer.holdAsync(id, ""));
        World.get(printer.cancelAsync(id, ""));
        assertEquals(JobState.CANCELED, World.get(printer.whenDone(id)).getState());
    }

    @Test
    public void an_uncertain_job_is_resolved_by_a_person() throws Exception {
        world.stop();
        world.section("[jobs]\nwhen-uncertain = \"hold\"\n");
        world.printer("bar", "--speed", "60");
        world.start();
        Receipt.Builder longer = Receipt.builder();
        for (int i = 0; i < 80; i++) {
            longer.pair("line " + i, "1.00");
        }
        long id = printer.submit(SubmitRequest.builder("k").printer("bar").receipt(longer.build()).build())
                .getJobIds().get(0);
        world.ctl("bar", "wait", "lines=10", "timeout_ms=60000");
        world.kill();
        world.ctl("bar", "power_off");
        world.ctl("bar", "power_on");
        world.start();
        assertEquals(JobState.UNCERTAIN, printer.getJob(id).getState());
        printer.resolve(id, Outcome.PRINTED, "it lay there");
        assertEquals(JobState.ATTESTED, World.get(printer.whenDone(id)).getState());
    }

    @Test
    public void pages_of_jobs_are_turned() throws Exception {
        for (int i = 0; i < 25; i++) {
            printer.submit(SubmitRequest.builder("k" + i).text("x").hold(true).build());
        }
        JobFilter tens = JobFilter.builder().limit(10).newestFirst(true).build();
        JobPage page = printer.listJobs(tens);
        assertEquals(10, page.getJobs().size());
        assertEquals("k24", page.getJobs().get(0).getKey());
        assertFalse(page.getNext().isEmpty());
        List<String> keys = new ArrayList<>();
        printer.forEachJob(tens, job -> keys.add(job.getKey()));
        assertEquals(25, new TreeSet<>(keys).size());
        assertEquals("k0", keys.get(24));
        keys.clear();
        printer.forEachJob(tens, job -> {
            keys.add(job.getKey());
            return keys.size() < 12;
        });
        assertEquals(12, keys.size());
        assertEquals(1, printer.listJobs(JobFilter.builder().key("k7").state(JobState.HELD).build()).getJobs().size());
        assertEquals(0, printer.listJobs(JobFilter.builder().key("k7").state(JobState.PRINTED).build()).getJobs()
                .size());
    }

    @Test
    public void the_printer_is_asked_before_the_charge() throws Exception {
        printer.print(SubmitRequest.of("first", coffee()));
        CanPrintAnswer now = printer.canPrint(120);
        assertTrue(now.toString(), now.isCan());
        assertEquals(Paper.OK, now.getPaper());
        assertEquals(Grade.A_PLUS, now.getGrade());
        assertEquals(now, World.get(printer.canPrintAsync("till", 120)));

        CompletableFuture<PrinterInfo> out = new CompletableFuture<>();
        try (Subscription watch = printer.watchPrinters(new PrinterListener() {
            @Override
            public void onPrinterChanged(PrinterInfo info) {
                if (info.getPaper() == Paper.OUT) {
                    out.complete(info);
                }
            }
        })) {
            World.get(watch.whenReady());
            world.ctl("till", "paper_end");
            assertEquals("till", World.get(out).getName());
        }
        CanPrintAnswer later = printer.canPrint("till", 120);
        assertFalse(later.isCan());
        assertTrue(later.getReasons().toString(), later.getReasons().contains("paper-out"));
    }

    @Test
    public void printers_and_the_spooler_tell_what_they_are() throws Exception {
        printer.print(SubmitRequest.of("first", coffee()));
        List<PrinterInfo> printers = printer.listPrinters();
        assertEquals(1, printers.size());
        PrinterInfo till = printers.get(0);
        assertEquals("till", till.getName());
        assertTrue(till.isOnline());
        assertTrue(till.getEndpoint(), till.getEndpoint().startsWith("tcp:127.0.0.1:"));
        assertEquals(till.getModel(), printer.getPrinter("till").getModel());
        SpoolerInfo spooler = printer.getSpooler();
        assertEquals(Version.CLASSES, spooler.getVersion());
        assertEquals(1, spooler.getApiVersion());
        assertEquals(StoreState.OK, spooler.getStoreState());
        assertEquals(Collections.emptyList(), spooler.getWarnings());
        assertEquals(spooler, World.get(printer.getSpoolerAsync()));
        assertTrue(ReceiptPrinter.getLibraryVersion(), ReceiptPrinter.getLibraryVersion().contains(Version.CLASSES));
    }

    @Test
    public void a_probe_says_what_the_printer_answers() throws Exception {
        printer.print(SubmitRequest.of("first", coffee()));
        ProbeReport report = printer.probe("till");
        assertTrue(report.toString(), report.isComplete());
        assertEquals(Grade.A_PLUS, report.getGrade());
        assertTrue(report.getAnswers().stream().anyMatch(ProbeAnswer::isAnswered));
        assertTrue(report.getEntry().contains("[[quirk]]"));
    }
}
