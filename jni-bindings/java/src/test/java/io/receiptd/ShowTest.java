package io.receiptd;

import static io.receiptd.ErrorsTest.refused;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.receiptd.ReceiptException.Code;
import io.receiptd.ReceiptException.Retry;
import io.receiptd.document.Merchant;
import io.receiptd.document.Money;
import io.receiptd.document.Receipt;
import io.receiptd.document.Sale;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TimeZone;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The customer gets the receipt on a screen. */
public class ShowTest {
    private World world;
    private ReceiptPrinter printer;

    @Before
    public void start() throws Exception {
        world = World.ready();
        printer = world.open();
    }

    @After
    public void end() throws Exception {
        System.clearProperty(Press.PROPERTY);
        printer.close();
        world.close();
    }

    /** A coffee that waits for paper. */
    private long coffee() throws Exception {
        world.ctl("till", "paper_end");
        world.ctl("till", "wait", "online=false", "timeout_ms=60000");
        Money price = Money.cny(1850);
        Receipt receipt = Receipt.builder().sale(Sale.builder().merchant(Merchant.of("蓝门咖啡")).number("0042 \\ \"17\"")
                .addItem("拿铁 Latte 🧾", price).total(price).addPayment("银行卡 Card", price).build()).build();
        return printer.submit(SubmitRequest.builder("k").receipt(receipt).title("Coffee \"17\"\t\\").build()).getJobIds()
                .get(0);
    }

    @Test
    public void what_waits_for_paper_is_shown_as_text_page_picture_and_document() throws Exception {
        long id = coffee();
        RenderedReceipt text = printer.renderReceipt(id, ReceiptForm.TEXT);
        for (String word : Arrays.asList("蓝门咖啡", "拿铁 Latte 🧾", "18.50", "0042 \\ \"17\"")) {
            assertTrue(text.getText(), text.getText().contains(word));
        }
        assertTrue(text.toString(), text.getLengthMm() > 10 && !text.toString().contains("Latte"));
        RenderedReceipt page = World.get(printer.renderReceiptAsync(id, ReceiptForm.HTML));
        assertTrue(page.getText(), page.getText().startsWith("<!DOCTYPE html>") && page.getText().contains("拿铁"));
        byte[] picture = World.get(printer.renderReceiptAsync(id, ReceiptForm.PNG)).getBytes();
        assertEquals("\211PNG", new String(picture, 0, 4, StandardCharsets.ISO_8859_1));
        RenderedReceipt document = printer.renderReceipt(id, ReceiptForm.PDF);
        assertEquals("%PDF", new String(document.getBytes(), 0, 4, StandardCharsets.ISO_8859_1));
        assertThrows(IllegalStateException.class, document::getText);
        assertEquals(text, printer.renderReceipt(id, ReceiptForm.TEXT));
    }

    @Test
    public void it_is_what_receiptctl_shows() throws Exception {
        long id = coffee();
        ProcessBuilder command = new ProcessBuilder(World.program("receiptctl"), "job", String.valueOf(id), "--as", "text");
        command.environment().put("RECEIPTD_SOCKET", world.socket());
        command.environment().put("TZ", TimeZone.getDefault().getID());
        Process receiptctl = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = new String(receiptctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        World.await(receiptctl);
        assertEquals(said, printer.renderReceipt(id, ReceiptForm.TEXT).getText());
    }

    @Test
    public void a_job_that_is_not_there_is_told_without_starting_anything() {
        System.setProperty(Press.PROPERTY, "/nowhere/receiptd-press");
        refused(Code.UNKNOWN_JOB, Retry.NEVER, () -> printer.renderReceipt(77, ReceiptForm.TEXT));
        refused(Code.UNKNOWN_JOB, Retry.NEVER, () -> World.get(printer.renderReceiptAsync(77, ReceiptForm.PNG)));
    }

    @Test
    public void where_the_program_is_missing_it_is_told() throws Exception {
        long id = coffee();
        System.setProperty(Press.PROPERTY, "/nowhere/receiptd-press");
        ReceiptException e = refused(Code.CANNOT_SHOW, Retry.AFTER_PERSON,
                () -> printer.renderReceipt(id, ReceiptForm.TEXT));
        assertTrue(e.getMessage(), e.getMessage().contains("/nowhere/receiptd-press"));
        refused(Code.CANNOT_SHOW, Retry.AFTER_PERSON, () -> World.get(printer.renderReceiptAsync(id, ReceiptForm.PNG)));
    }

    /** A program in place of the right one. */
    private void program(String script) throws Exception {
        Path path = world.folder().resolve("press");
        Files.write(path, ("#!/bin/sh\n" + script + "\n").getBytes(StandardCharsets.UTF_8));
        File file = path.toFile();
        assertTrue(file.setExecutable(true));
        System.setProperty(Press.PROPERTY, file.getPath());
    }

    @Test
    public void a_program_that_fails_hangs_or_talks_nonsense_is_told() throws Exception {
        long id = coffee();
        program("echo 'no fonts' >&2; exit 3");
        ReceiptException e = refused(Code.CANNOT_SHOW, Retry.AFTER_PERSON,
                () -> printer.renderReceipt(id, ReceiptForm.TEXT));
        assertTrue(e.getMessage(), e.getMessage().contains("it ended with 3: no fonts"));
        for (String nonsense : Arrays.asList("", "echo hello", "printf '{\"length_dots\":8}'", "echo '{\"length_dots\":-8}'")) {
            program(nonsense);
            e = refused(Code.CANNOT_SHOW, Retry.AFTER_PERSON, () -> printer.renderReceipt(id, ReceiptForm.TEXT));
            assertTrue(e.getMessage(), e.getMessage().contains("no receipt"));
        }
        program("exec sleep 600");
        StoredReceipt receipt = printer.getReceipt(id);
        e = refused(Code.CANNOT_SHOW, Retry.AFTER_PERSON, () -> Press.press(receipt, ReceiptForm.TEXT, 100));
        assertTrue(e.getMessage(), e.getMessage().contains("no answer within 100 ms"));
    }
}
