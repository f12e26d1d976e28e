package io.receiptd.document;

import java.util.Collection;

/** Makes the {@code toString} of documents: the names of the fields that are set, and nothing of what they say. */
final class FieldNames {
    private final StringBuilder text;
    private boolean first = true;

    FieldNames(String name) {
        text = new StringBuilder(name).append('[');
    }

    FieldNames add(String name, Object value) {
        if (value == null) {
            return this;
        }
        if (value instanceof Collection) {
            int size = ((Collection<?>) value).size();
            return size == 0 ? this : append(name + " " + size);
        }
        return append(name);
    }

    @Override
    public String toString() {
        return text + "]";
    }

    private FieldNames append(String what) {
        text.append(first ? "" : ", ").append(what);
        first = false;
        return this;
    }
}
