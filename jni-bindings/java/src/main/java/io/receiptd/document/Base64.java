package io.receiptd.document;

/** Base64 with padding; that of {@code java.util} is not on Android before 8. */
final class Base64 {
    private static final char[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".toCharArray();

    private Base64() {}

    static String encode(byte[] bytes) {
        StringBuilder out = new StringBuilder((bytes.length + 2) / 3 * 4);
        for (int i = 0; i < bytes.length; i += 3) {
            int left = bytes.length - i;
            int second = left > 1 ? bytes[i + 1] & 0xff : 0;
            int third = left > 2 ? bytes[i + 2] & 0xff : 0;
            int bits = (bytes[i] & 0xff) << 16 | second << 8 | third;
            out.append(DIGITS[bits >> 18]).append(DIGITS[bits >> 12 & 63]);
            out.append(left > 1 ? DIGITS[bits >> 6 & 63] : '=').append(left > 2 ? DIGITS[bits & 63] : '=');
        }
        return out.toString();
    }
}
