package io.receiptd;

import java.util.Locale;

/** Writes TOML; what is null is left out. */
final class Toml {
    private final StringBuilder out = new StringBuilder();
    private String section;

    /** A section; its heading is written with its first key. */
    Toml section(String heading) {
        section = heading;
        return this;
    }

    Toml key(String name, String value) {
        return value == null ? this : line(name, quoted(value));
    }

    Toml key(String name, Integer value) {
        return value == null ? this : line(name, value.toString());
    }

    Toml key(String name, Boolean value) {
        return value == null ? this : line(name, value.toString());
    }

    @Override
    public String toString() {
        return out.toString();
    }

    private Toml line(String name, String value) {
        if (section != null) {
            out.append(section).append('\n');
            section = null;
        }
        out.append(name).append(" = ").append(value).append('\n');
        return this;
    }

    /** A basic string; half of a surrogate pair, which TOML has no word for, becomes U+FFFD. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ' || c == 0x7f) {
                quoted.append(String.format(Locale.ROOT, "\\u%04X", c));
            } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                quoted.append('\ufffd');
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }
}
