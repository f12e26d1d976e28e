import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shop's own record of its sales: a file that is only appended to, a line at a time, on the disk before anything is
 * done with the sale. It is what the shop needs to know after a crash: which sales there were, and under which key
 * their receipts were handed in.
 */
final class Ledger {
    /** A sale, as it stands in the record. */
    static final class Sale {
        final String key;
        final String coffee;
        final long fen;
        final String time;
        String end;

        Sale(String key, String coffee, long fen, String time) {
            this.key = key;
            this.coffee = coffee;
            this.fen = fen;
            this.time = time;
        }
    }

    private final Path file;
    private final Map<String, Sale> sales = new LinkedHashMap<>();

    Ledger(Path file) throws IOException {
        this.file = file;
        if (!Files.exists(file)) {
            return;
        }
        for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
            String[] fields = line.split("\t");
            if (fields[0].equals("sale") && fields.length == 5) {
                sales.put(fields[1], new Sale(fields[1], fields[2], Long.parseLong(fields[3]), fields[4]));
            } else if (fields[0].equals("end") && fields.length == 3) {
                sales.get(fields[1]).end = fields[2];
            }
        }
    }

    /** Records a sale that was paid. When it returns, it is on the disk. */
    synchronized Sale paid(String coffee, long fen, String time) throws IOException {
        String key = String.format("bluedoor-till1-%04d", sales.size() + 1);
        Sale sale = new Sale(key, coffee, fen, time);
        append("sale\t" + key + "\t" + coffee + "\t" + fen + "\t" + time);
        sales.put(key, sale);
        return sale;
    }

    /** Records what became of its receipt. */
    synchronized void ended(String key, String end) throws IOException {
        append("end\t" + key + "\t" + end);
        sales.get(key).end = end;
    }

    /** The sales of whose receipts the shop does not know what became. */
    synchronized List<Sale> open() {
        List<Sale> open = new ArrayList<>();
        for (Sale sale : sales.values()) {
            if (sale.end == null) {
                open.add(sale);
            }
        }
        return open;
    }

    private void append(String line) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(out.length());
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            out.getFD().sync();
        }
    }
}
