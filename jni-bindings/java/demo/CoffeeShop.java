import io.receiptd.CanPrintAnswer;
import io.receiptd.Job;
import io.receiptd.JobState;
import io.receiptd.ReceiptException;
import io.receiptd.ReceiptForm;
import io.receiptd.ReceiptPrinter;
import io.receiptd.SubmitRequest;
import io.receiptd.Submitted;
import io.receiptd.document.Align;
import io.receiptd.document.Item;
import io.receiptd.document.Merchant;
import io.receiptd.document.Money;
import io.receiptd.document.QrLine;
import io.receiptd.document.Receipt;
import io.receiptd.document.Sale;
import io.receiptd.document.TextLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A shop that sells coffee: the whole of what an app has to do so that no receipt is lost and none comes out twice.
 *
 * <p>It reads what is sold from standard input, one word a line: {@code latte}, {@code flat-white}, {@code
 * americano}; then {@code paid}, which stands for the answer of the card terminal; {@code close} ends it. With a
 * daemon on the machine: {@code java ... CoffeeShop SOCKET LEDGER}.
 */
public final class CoffeeShop {
    /** The length of a slip, to ask whether it would come out. */
    private static final int SLIP_MM = 110;

    private final ReceiptPrinter printer;
    private final Ledger ledger;
    private final PrintStream out;
    /** The keys of receipts that were shown on the screen since there was no paper. */
    private final Set<String> onScreen = ConcurrentHashMap.newKeySet();

    private CoffeeShop(ReceiptPrinter printer, Ledger ledger, PrintStream out) {
        this.printer = printer;
        this.ledger = ledger;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        BufferedReader till = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (ReceiptPrinter printer = ReceiptPrinter.builder().socket(arguments[0]).build()) {
            CoffeeShop shop = new CoffeeShop(printer, new Ledger(Paths.get(arguments[1])), out);
            shop.lookBack();
            out.println("open");
            for (String order = till.readLine(); order != null && !order.equals("close"); order = till.readLine()) {
                shop.sell(order, till);
            }
            out.println("closed");
        }
    }

    /** At the start: what became of the receipts of earlier runs. */
    private void lookBack() throws Exception {
        for (Ledger.Sale sale : ledger.open()) {
            // Was it handed in at all? The key tells, also if the app died before it was told.
            boolean known = !printer.findJobs(sale.key).isEmpty();
            // The same key with the same content is the same receipt: to hand it in again is always right.
            Submitted submitted = printer.submit(request(sale));
            out.printf("  earlier: %s %s, %s%n", sale.key, price(sale.fen), known
                    ? "was accepted; nothing to do" : "was paid but not handed in; handed in now");
            follow(sale.key, submitted);
        }
    }

    private void sell(String order, BufferedReader till) throws Exception {
        String coffee;
        long fen;
        switch (order) {
            case "latte":
                coffee = "拿铁 Latte";
                fen = 1850;
                break;
            case "flat-white":
                coffee = "澳白 Flat white";
                fen = 2200;
                break;
            case "americano":
                coffee = "美式 Americano";
                fen = 1500;
                break;
            default:
                out.println("  there is no " + order);
                return;
        }
        // Before the charge: would a slip come out now?
        CanPrintAnswer paper = printer.canPrint(SLIP_MM);
        if (!paper.isCan()) {
            out.println("  no slip would come out now: " + String.join(", ", paper.getReasons()));
            out.println("  the customer agrees to have it on the screen");
        }
        out.printf("  %s: %s, please%n", coffee, price(fen));
        if (!"paid".equals(till.readLine())) {
            out.println("  not paid, not sold");
            return;
        }
        String now = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT).format(new Date());
        Ledger.Sale sale = ledger.paid(coffee, fen, now);
        out.printf("  charged %s: %s%n", price(fen), sale.key);
        if (!paper.isCan()) {
            onScreen.add(sale.key);
        }
        try {
            Submitted submitted = printer.submit(request(sale));
            if (!paper.isCan()) {
                show(sale, submitted.getJobIds().get(0));
            }
            out.printf("  handed in: %s is job %d%n", sale.key, submitted.getJobIds().get(0));
            follow(sale.key, submitted);
        } catch (ReceiptException e) {
            // It stays open in the record: the next start hands it in again, with the same key.
            if (!paper.isCan()) {
                showFields(sale);
            }
            out.println("  not accepted now: " + e.getMessage() + " · " + e.getMessageZh());
        }
    }

    /** Tells what becomes of a receipt, whenever that is. Nothing here blocks. */
    private void follow(String key, Submitted submitted) {
        for (long id : submitted.getJobIds()) {
            printer.whenDone(id).thenAccept(job -> ended(key, job)).exceptionally(failure -> null);
        }
    }

    private void ended(String key, Job job) {
        try {
            ledger.ended(key, job.getState().getWord());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String mark = job.getAttempts() > 1 ? " (it was interrupted and came again, marked)" : "";
        String screen = onScreen.remove(key) ? ", after it was on the screen" : "";
        out.printf("  %s: %s%s%s%n", job.getState().isOnPaper() ? "on paper" : "not printed", key, screen,
                job.getState() == JobState.PRINTED ? ", the printer says so" + mark : ", " + job.getState().getWord());
    }

    private static SubmitRequest request(Ledger.Sale sale) {
        return SubmitRequest.builder(sale.key).receipt(receipt(sale)).title("Coffee " + price(sale.fen)).build();
    }

    private static Receipt receipt(Ledger.Sale sale) {
        Money amount = Money.cny(sale.fen);
        return Receipt.builder()
                .sale(Sale.builder().merchant(Merchant.builder().name("蓝门咖啡 BLUE DOOR").phone("021-5555 0100").build())
                        .number(sale.key).time(sale.time).addItem(Item.of(sale.coffee, amount)).total(amount)
                        .addPayment("银行卡 Card", amount).build())
                .space()
                .add(QrLine.builder().data("https://bluedoor.example/r/" + sale.key).build())
                .add(TextLine.builder().text("谢谢惠顾 THANK YOU").align(Align.CENTER).build())
                .build();
    }

    /** The receipt on the screen of the terminal: what will be on the paper. */
    private void show(Ledger.Sale sale, long id) {
        try {
            String text = printer.renderReceipt(id, ReceiptForm.TEXT).getText();
            for (String line : text.trim().split("\n")) {
                out.println("  | " + line);
            }
        } catch (ReceiptException e) {
            // It is accepted all the same; the program that shows receipts may be missing.
            showFields(sale);
        }
    }

    /** What the shop knows by itself. */
    private void showFields(Ledger.Sale sale) {
        Sale receipt = receipt(sale).getSale();
        out.println("  | " + receipt.getMerchant().getName());
        out.println("  | 单号 No. " + receipt.getNumber() + "  " + receipt.getTime().replace('T', ' '));
        for (Item item : receipt.getItems()) {
            out.println("  | " + item.getName() + "  " + price(item.getAmount().getMinor()));
        }
        out.println("  | 合计 TOTAL " + price(receipt.getTotal().getMinor()));
    }

    private static String price(long fen) {
        return String.format(Locale.ROOT, "¥%d.%02d", fen / 100, fen % 100);
    }
}
