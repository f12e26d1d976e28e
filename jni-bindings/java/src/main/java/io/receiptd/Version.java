package io.receiptd;

/** The version of the classes; a test sees that it is the one of the workspace. */
final class Version {
    static final String CLASSES = "0.1.0";

    private Version() {}
}
