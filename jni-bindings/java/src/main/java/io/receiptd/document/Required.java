package io.receiptd.document;

/** What a builder must have been told. */
final class Required {
    private Required() {}

    static <T> T of(String type, String field, T value) {
        if (value == null) {
            throw new IllegalStateException(type + ": " + field + " is required");
        }
        return value;
    }
}
