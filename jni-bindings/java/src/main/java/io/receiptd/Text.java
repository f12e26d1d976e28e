package io.receiptd;

/**
 * Makes the {@code toString} of value classes: {@code Job[id=7, state=PRINTED]}; what is absent or empty is left out.
 */
final class Text {
    private final StringBuilder text;
    private boolean first = true;

    Text(String name) {
        text = new StringBuilder(name).append('[');
    }

    Text add(String name, Object value) {
        if (value == null || "".equals(value)) {
            return this;
        }
        text.append(first ? "" : ", ").append(name).append('=').append(value);
        first = false;
        return this;
    }

    @Override
    public String toString() {
        return text + "]";
    }
}
