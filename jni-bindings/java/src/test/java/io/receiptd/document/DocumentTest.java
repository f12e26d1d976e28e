package io.receiptd.document;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.receiptd.Json;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Date;
import java.util.Map;
import java.util.TimeZone;
import org.junit.Test;

public class DocumentTest {
    private static final Merchant SHOP = Merchant.of("蓝门咖啡");

    @Test
    public void strings_survive_whatever_is_in_them() {
        String text = "\"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028小票🧾é";
        Object json = Json.read(new JsonWriter().beginObject().field(text, text).endObject().toString());
        assertEquals(Collections.singletonMap(text, text), json);
    }

    @Test
    public void half_of_a_character_does_not_break_the_document() {
        String json = new JsonWriter().value("a\ud83eb\uddfec\ud83e").toString();
        assertEquals("a\ufffdb\ufffdc\ufffd", Json.read(json));
        assertEquals(json, new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }

    @Test
    public void pictures_are_base64() {
        byte[] bytes = new byte[300];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 7);
        }
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = java.util.Arrays.copyOf(bytes, length);
            assertEquals(java.util.Base64.getEncoder().encodeToString(part), Base64.encode(part));
        }
    }

    @Test
    public void a_time_is_local_and_needs_no_java_time() {
        Date when = new Date(1_764_225_125_000L);
        assertEquals("2025-11-27T14:32:05", LocalTime.of(when, TimeZone.getTimeZone("Asia/Shanghai")));
        assertEquals("2025-11-27T06:32:05", LocalTime.of(when, TimeZone.getTimeZone("UTC")));
    }

    @Test
    public void amounts_of_two_currencies_do_not_go_together() {
        Sale.Builder sale = Sale.builder().merchant(SHOP).addItem("拿铁 Latte", Money.cny(1850))
                .total(Money.of(1850, "EUR"));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, sale::build);
        assertEquals("Item.amount is in CNY, the whole in EUR", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Money.cny(1).plus(Money.of(1, "USD")));
        assertThrows(IllegalArgumentException.class, () -> Money.of(1, "yuan"));
    }

    @Test
    public void only_rounding_may_be_below_zero() {
        Sale.Builder sale = Sale.builder().addItem("a", Money.cny(1003)).rounding(Money.cny(-3)).total(Money.cny(1000));
        assertTrue(Json.object(Json.object(Json.read(Receipt.builder().sale(sale.build()).build().toJson()))
                .get("sale"))
                .get("rounding").equals(-3L));
        sale.addDiscount("minus", Money.cny(-1));
        assertThrows(IllegalArgumentException.class, sale::build);
    }

    @Test
    public void money_is_reckoned_exactly_and_within_bounds() {
        assertEquals(Money.cny(3700), Money.cny(1850).times(2));
        assertEquals(Money.cny(-1), Money.cny(0).minus(Money.cny(1)));
        assertEquals(Money.cny(999_999_999_999L), Money.cny(999_999_999_998L).plus(Money.cny(1)));
        assertThrows(IllegalArgumentException.class, () -> Money.cny(999_999_999_999L).plus(Money.cny(1)));
        assertThrows(IllegalArgumentException.class, () -> Money.cny(999_999_999_999L).times(Integer.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> Money.cny(Long.MIN_VALUE));
        assertEquals(Money.cny(0), Money.cny(999_999_999_999L).times(0));
    }

    @Test
    public void what_is_required_is_asked_for_by_name() {
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> Slip.builder().merchant(SHOP)
                .build());
        assertEquals("Slip: type is required", e.getMessage());
        assertThrows(IllegalStateException.class, () -> Receipt.builder().title("t").build());
        assertThrows(IllegalStateException.class, () -> LogoLine.builder().build());
        assertThrows(IllegalStateException.class, () -> ColumnsLine.builder().build());
        assertThrows(IllegalStateException.class, () -> LogoLine.builder().png(new byte[1]).jpeg(new byte[1]).build());
    }

    @Test
    public void numbers_out_of_range_are_refused_where_they_are_set() {
        assertThrows(IllegalArgumentException.class, () -> BeepLine.builder().times(10));
        assertThrows(IllegalArgumentException.class, () -> DrawerLine.builder().pin(3));
        assertThrows(IllegalArgumentException.class, () -> TextSize.times(9, 1));
        assertThrows(IllegalArgumentException.class, () -> Item.builder().quantity(0));
    }

    @Test
    public void a_document_tells_nothing_of_its_content() {
        Card card = Card.builder().number("4111111111111111").expiry("12/29").entry(CardEntry.CHIP).build();
        Slip slip = Slip.builder().type(SlipType.SALE).merchant(SHOP).terminal("42").card(card).amount(Money.cny(1850))
                .time(new Date(), TimeZone.getDefault()).build();
        Receipt receipt = Receipt.builder().title("geheim").slip(slip).text("geheim").build();
        assertEquals("Receipt[title, slip, lines 1]", receipt.toString());
        assertEquals("Card[number, expiry, entry]", card.toString());
        assertEquals("Slip[type, merchant, terminal, card, amount, time]", slip.toString());
        assertFalse(receipt.getLines().get(0).toString().contains("geheim"));
    }

    @Test
    public void documents_are_values() {
        Receipt one = Receipt.builder().title("t").copies(Copy.MERCHANT, Copy.CUSTOMER).text("x").pair("a", "b")
                .build();
        Receipt same = one.toBuilder().build();
        assertEquals(one, same);
        assertEquals(one.hashCode(), same.hashCode());
        assertNotEquals(one, one.toBuilder().rule().build());
        assertNotEquals(one, one.toBuilder().withoutTemplate().build());
        assertThrows(UnsupportedOperationException.class, () -> one.getLines().clear());
        assertEquals(TextSize.DOUBLE, TextSize.times(2, 2));
        assertEquals(TextSize.DOUBLE.hashCode(), TextSize.times(2, 2).hashCode());
    }

    @Test
    public void a_template_is_a_name_or_false() {
        Receipt.Builder receipt = Receipt.builder().text("x");
        assertFalse(root(receipt).containsKey("template"));
        assertEquals("coffee", root(receipt.template("coffee")).get("template"));
        assertEquals(false, root(receipt.withoutTemplate()).get("template"));
        assertEquals("coffee", root(receipt.template("coffee")).get("template"));
    }

    private static Map<String, Object> root(Receipt.Builder receipt) {
        return Json.object(Json.read(receipt.build().toJson()));
    }
}
