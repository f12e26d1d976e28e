package io.receiptd.document;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.receiptd.Json;
import io.receiptd.Repo;
import java.io.File;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;

/** Everything that the schema knows and the examples use can be said with the builders, and nothing else. */
public class ExamplesTest {
    private static final Map<String, Class<?>> LINES = new TreeMap<>();
    private static final Map<String, Class<?>> OBJECTS = new TreeMap<>();

    static {
        LINES.put("text", TextLine.class);
        LINES.put("columns", ColumnsLine.class);
        LINES.put("pair", PairLine.class);
        LINES.put("rule", RuleLine.class);
        LINES.put("space", SpaceLine.class);
        LINES.put("feed", FeedLine.class);
        LINES.put("qr", QrLine.class);
        LINES.put("barcode", BarcodeLine.class);
        LINES.put("logo", LogoLine.class);
        LINES.put("cut", CutLine.class);
        LINES.put("drawer", DrawerLine.class);
        LINES.put("beep", BeepLine.class);
        OBJECTS.put("column", Column.class);
        OBJECTS.put("merchant", Merchant.class);
        OBJECTS.put("named", NamedAmount.class);
        OBJECTS.put("item", Item.class);
        OBJECTS.put("tax", Tax.class);
        OBJECTS.put("sale", Sale.class);
        OBJECTS.put("card", Card.class);
        OBJECTS.put("original", OriginalTransaction.class);
        OBJECTS.put("emv", EmvData.class);
        OBJECTS.put("slip", Slip.class);
    }

    @Test
    public void every_example_is_rebuilt_with_the_builders() throws Exception {
        for (File file : examples()) {
            Map<String, Object> example = Json.object(Json.read(read(file)));
            Receipt receipt = receipt(example);
            assertEquals(file.getName(), example, Json.read(receipt.toJson()));
            assertEquals(file.getName(), receipt, receipt.toBuilder().build());
        }
    }

    @Test
    public void what_the_builders_write_is_valid_by_the_schema() throws Exception {
        Path folder = Files.createTempDirectory("receipts");
        try {
            List<String> command = new ArrayList<>(Arrays.asList("python3", "-c", "import json, jsonschema, sys\n"
                    + "schema = json.load(open(sys.argv[1], encoding='utf-8'))\n"
                    + "check = jsonschema.Draft202012Validator(schema)\n"
                    + "for name in sys.argv[2:]:\n"
                    + "    for error in check.iter_errors(json.load(open(name, encoding='utf-8'))):\n"
                    + "        print(name, error.json_path, error.message)\n"
                    + "print(len(sys.argv) - 2, 'documents')\n",
                    Repo.file("daemon/document/schema/receipt-1.schema.json").getPath()));
            List<Receipt> receipts = new ArrayList<>();
            for (File file : examples()) {
                receipts.add(receipt(Json.object(Json.read(read(file)))));
            }
            receipts.add(everything());
            for (int i = 0; i < receipts.size(); i++) {
                Path file = folder.resolve(i + ".json");
                Files.write(file, receipts.get(i).toJson().getBytes(StandardCharsets.UTF_8));
                command.add(file.toString());
            }
            Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, python.waitFor());
            assertEquals(receipts.size() + " documents\n", said);
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.collect(Collectors.toList())) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    @Test
    public void the_builders_know_the_keys_of_the_schema_and_no_others() throws Exception {
        Map<String, Object> schema = Json.object(Json.read(Repo.read("daemon/document/schema/receipt-1.schema.json")));
        Map<String, Object> properties = Json.object(schema.get("properties"));
        Set<String> root = new TreeSet<>(properties.keySet());
        // What has no field: the version is always 1; lines and the text mode have other names.
        assertTrue(root.removeAll(Arrays.asList("version", "$schema", "text")));
        root.addAll(Arrays.asList("schema", "textMode", "withoutTemplate", "pair", "rule", "space", "qr", "text"));
        assertEquals(root, setters(Receipt.Builder.class));

        Set<String> lines = new TreeSet<>();
        for (Object one : Json.array(Json.object(Json.object(properties.get("lines")).get("items")).get("oneOf"))) {
            Map<String, Object> line = Json.object(Json.object(one).get("properties"));
            String key = line.keySet().iterator().next();
            lines.add(key);
            same(key, LINES.get(key), Json.object(line.get(key)));
        }
        assertEquals(LINES.keySet(), lines);

        Map<String, Object> defs = Json.object(schema.get("$defs"));
        Set<String> objects = new TreeSet<>();
        for (Map.Entry<String, Object> def : defs.entrySet()) {
            Map<String, Object> object = Json.object(def.getValue());
            if ("object".equals(object.get("type"))) {
                objects.add(def.getKey());
                same(def.getKey(), OBJECTS.get(def.getKey()), object);
            }
        }
        assertEquals(OBJECTS.keySet(), objects);
        words(Copy.class, defs.get("copy"));
        words(Align.class, defs.get("align"));
        words(Language.class, defs.get("language"));
        words(SlipType.class, property(defs, "slip", "type"));
        words(SlipResult.class, property(defs, "slip", "result"));
        words(Verification.class, property(defs, "slip", "verification"));
        words(CardEntry.class, property(defs, "card", "entry"));
        words(TextMode.class, properties.get("text"));
        Set<String> sizes = new TreeSet<>();
        for (Object word : Json.array(Json.object(Json.array(Json.object(defs.get("size")).get("oneOf")).get(0))
                .get("enum"))) {
            sizes.add(((String) word).toUpperCase(Locale.ROOT).replace('-', '_'));
        }
        Set<String> constants = Arrays.stream(TextSize.class.getDeclaredFields())
                .filter(f -> Modifier.isPublic(f.getModifiers())).map(f -> f.getName()).collect(Collectors.toSet());
        assertEquals(sizes, new TreeSet<>(constants));
    }

    /** A receipt in which every key of the document stands. */
    private static Receipt everything() {
        Merchant shop = Merchant.builder().name("蓝门咖啡").id("1").address("2").phone("3").taxId("4").build();
        return Receipt.builder()
                .schema("receipt-1.schema.json").title("全部 EVERYTHING").copies(Copy.MERCHANT, Copy.CUSTOMER, Copy.BANK)
                .sale(Sale.builder().language(Language.ZH).merchant(shop).number("1").time("2026-11-27T14:32:05")
                        .cashier("2").register("3").table("4").refund(false)
                        .addItem(Item.builder().name("豆").code("5").quantity("0.456").unit("kg")
                                .unitPrice(Money.cny(1000))
                                .discount(Money.cny(56)).amount(Money.cny(400)).note("n").tax("A").build())
                        .addDiscount("会员", Money.cny(50))
                        .addTax(Tax.builder().name("VAT").base(Money.cny(330)).amount(Money.cny(20)).build())
                        .taxesIncluded(true).rounding(Money.cny(-5)).total(Money.cny(345))
                                .addPayment("现金", Money.cny(400))
                        .change(Money.cny(55)).build())
                .slip(Slip.builder().type(SlipType.COMPLETION).result(SlipResult.DECLINED).reason("余额不足")
                        .language(Language.EN)
                        .merchant(shop).terminal("1").operator("2").acquirer("3").issuer("4").network("5")
                        .card(Card.builder().number("621700******0005").expiry("12/29").entry(CardEntry.MANUAL)
                                .sequence("01")
                                .build())
                        .amount(Money.cny(345)).tip(Money.cny(45)).batch("6").voucher("7").reference("8")
                                .authorisation("9")
                        .time("2026-11-27 14:32:05")
                        .original(OriginalTransaction.builder().voucher("1").reference("2").authorisation("3")
                                .date("4").build())
                        .emv(EmvData.builder().label("1").aid("2").tc("3").arqc("4").tvr("5").tsi("6").atc("7")
                                .arc("8").build())
                        .verification(Verification.SIGNED_ON_SCREEN).remarks("r").build())
                .add(TextLine.builder().text("t").align(Align.RIGHT).size(TextSize.times(1, 3)).bold(true)
                        .underline(true)
                        .reverse(true).only(Copy.BANK).build())
                .add(ColumnsLine.builder().addColumn(Column.builder().text("a").width(10).align(Align.CENTER).build())
                        .addColumn(Column.builder().text("b").share(2).build()).gap(2).bold(true)
                                .size(TextSize.DOUBLE_HEIGHT)
                        .only(Copy.MERCHANT, Copy.CUSTOMER).build())
                .add(PairLine.builder().left("l").right("r").bold(true).size(TextSize.DOUBLE_WIDTH).only(Copy.BANK)
                        .build())
                .add(RuleLine.builder().style(RuleStyle.DOTTED).only(Copy.BANK).build())
                .add(SpaceLine.builder().lines(2).only(Copy.BANK).build())
                .add(FeedLine.builder().dots(24).only(Copy.BANK).build())
                .add(QrLine.builder().data("https://example.com").size(4).level(QrLevel.Q).align(Align.LEFT)
                        .only(Copy.BANK)
                        .build())
                .add(BarcodeLine.builder().data("4006381333931").type(BarcodeType.EAN13).height(60).module(2)
                        .hri(Hri.NONE)
                        .align(Align.LEFT).only(Copy.BANK).build())
                .add(LogoLine.builder().png(new byte[] {1, 2, 3, 4}).align(Align.LEFT).dither(Dither.THRESHOLD)
                        .only(Copy.BANK)
                        .build())
                .add(LogoLine.builder().jpeg(new byte[] {1, 2}).build())
                .add(CutLine.builder().kind(CutKind.FULL).only(Copy.BANK).build())
                .add(DrawerLine.builder().pin(5).only(Copy.BANK).build())
                .add(BeepLine.builder().times(2).durationMs(150).only(Copy.BANK).build())
                .textMode(TextMode.RASTER).cut(false).template("coffee").build();
    }

    private static void words(Class<? extends Enum<?>> type, Object schema) throws Exception {
        Set<Object> words = new TreeSet<>();
        for (Enum<?> constant : type.getEnumConstants()) {
            words.add(type.getMethod("getWord").invoke(constant));
        }
        assertEquals(type.getName(), new TreeSet<>(Json.array(Json.object(schema).get("enum"))), words);
    }

    private static Object property(Map<String, Object> defs, String def, String name) {
        return Json.object(Json.object(defs.get(def)).get("properties")).get(name);
    }

    private static void same(String key, Class<?> type, Map<String, Object> schema) throws Exception {
        assertTrue("no class for " + key, type != null);
        Class<?> builder = Class.forName(type.getName() + "$Builder");
        Set<String> expected = new TreeSet<>();
        for (Map.Entry<String, Object> property : Json.object(schema.get("properties")).entrySet()) {
            // The currency is that of the amounts.
            if (property.getKey().equals("currency")) {
                assertTrue(type.getMethod("getCurrency") != null);
                continue;
            }
            String setter = setter(property.getKey());
            expected.add(setter);
            Object words = Json.object(property.getValue()).get("enum");
            for (Method method : builder.getMethods()) {
                if (method.getName().equals(setter) && words != null && method.getParameterTypes()[0].isEnum()) {
                    @SuppressWarnings("unchecked")
                    Class<? extends Enum<?>> constants = (Class<? extends Enum<?>>) method.getParameterTypes()[0];
                    words(constants, property.getValue());
                }
            }
        }
        assertEquals(key, expected, setters(builder));
    }

    private static Set<String> setters(Class<?> builder) {
        return Arrays.stream(builder.getDeclaredMethods()).filter(m -> Modifier.isPublic(m.getModifiers()))
                .map(Method::getName).filter(name -> !name.equals("build") && !name.matches("add([A-Z].*)?"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Receipt receipt(Map<String, Object> json) throws Exception {
        Map<String, Object> rest = new HashMap<>(json);
        Receipt.Builder receipt = Receipt.builder();
        assertEquals(1L, rest.remove("version"));
        receipt.schema((String) rest.remove("$schema"));
        if (rest.containsKey("lines")) {
            for (Object line : Json.array(rest.remove("lines"))) {
                Map.Entry<String, Object> one = Json.object(line).entrySet().iterator().next();
                receipt.add((Line) build(LINES.get(one.getKey()), Json.object(one.getValue()), null));
            }
        }
        if (rest.containsKey("text")) {
            receipt.textMode(constant(TextMode.class, rest.remove("text")));
        }
        if (Boolean.FALSE.equals(rest.get("template"))) {
            rest.remove("template");
            receipt.withoutTemplate();
        }
        for (Map.Entry<String, Object> key : rest.entrySet()) {
            set(receipt, key.getKey(), key.getValue(), null);
        }
        return receipt.build();
    }

    private static Object build(Class<?> type, Map<String, Object> json, String outer) throws Exception {
        Object builder = type.getMethod("builder").invoke(null);
        String currency = json.containsKey("currency") ? (String) json.get("currency") : outer;
        for (Map.Entry<String, Object> key : json.entrySet()) {
            if (!key.getKey().equals("currency")) {
                set(builder, key.getKey(), key.getValue(), currency);
            }
        }
        return builder.getClass().getMethod("build").invoke(builder);
    }

    private static void set(Object builder, String key, Object value, String currency) throws Exception {
        for (Method method : builder.getClass().getMethods()) {
            if (!method.getName().equals(setter(key)) || method.getParameterCount() != 1) {
                continue;
            }
            Object argument = argument(method, key, value, currency);
            if (argument != null) {
                method.invoke(builder, argument);
                return;
            }
        }
        throw new AssertionError("no setter for " + key + " in " + builder.getClass());
    }

    /** The value as the parameter of the setter, or null if it can't be. */
    private static Object argument(Method method, String key, Object value, String currency) throws Exception {
        Class<?> type = method.getParameterTypes()[0];
        if (type == Money.class) {
            return Money.of((Long) value, currency);
        }
        if (type == int.class) {
            return value instanceof Long ? ((Long) value).intValue() : null;
        }
        if (type == boolean.class || type == String.class) {
            return value instanceof Boolean == (type == boolean.class) && !(value instanceof Long) ? value : null;
        }
        if (type == byte[].class) {
            return Base64.getDecoder().decode((String) value);
        }
        if (type == TextSize.class) {
            if (value instanceof String) {
                return TextSize.class.getField(((String) value).toUpperCase(Locale.ROOT).replace('-', '_')).get(null);
            }
            Map<String, Object> size = Json.object(value);
            return TextSize.times(((Long) size.get("width")).intValue(), ((Long) size.get("height")).intValue());
        }
        if (type.isEnum()) {
            return constant(type, value);
        }
        if (type == Copy[].class) {
            List<Copy> copies = new ArrayList<>();
            for (Object copy : Json.array(value)) {
                copies.add(constant(Copy.class, copy));
            }
            return copies.toArray(new Copy[0]);
        }
        if (type == List.class) {
            Class<?> item = (Class<?>) ((ParameterizedType) method.getGenericParameterTypes()[0])
                    .getActualTypeArguments()[0];
            List<Object> items = new ArrayList<>();
            for (Object one : Json.array(value)) {
                items.add(build(item, Json.object(one), currency));
            }
            return items;
        }
        return build(type, Json.object(value), currency);
    }

    private static <T> T constant(Class<T> type, Object word) throws Exception {
        for (T constant : type.getEnumConstants()) {
            if (type.getMethod("getWord").invoke(constant).equals(word)) {
                return constant;
            }
        }
        throw new AssertionError("no " + word + " in " + type);
    }

    private static String setter(String key) {
        switch (key) {
            case "png_base64":
                return "png";
            case "jpeg_base64":
                return "jpeg";
            default:
                StringBuilder out = new StringBuilder();
                for (String part : key.split("_")) {
                    out.append(out.length() == 0 ? part : part.substring(0, 1).toUpperCase(Locale.ROOT)
                            + part.substring(1));
                }
                return out.toString();
        }
    }

    private static List<File> examples() {
        File[] files = Repo.file("daemon/document/examples").listFiles((folder, name) -> name.endsWith(".json"));
        assertTrue(files != null && files.length > 25);
        Arrays.sort(files);
        return Arrays.asList(files);
    }

    private static String read(File file) throws Exception {
        return new String(Files.readAllBytes(file.toPath()), StandardCharsets.UTF_8);
    }
}
