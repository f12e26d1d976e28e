package io.receiptd;

/** The numbers of the operations in {@code BOUNDARY.md}; they never change their meaning. */
final class Operation {
    static final int SUBMIT = 1;
    static final int SUBMIT_FD = 2;
    static final int GET_JOB = 3;
    static final int GET_RECEIPT = 4;
    static final int FIND_JOBS = 5;
    static final int LIST_JOBS = 6;
    static final int WATCH = 7;
    static final int UNWATCH = 8;
    static final int CANCEL = 9;
    static final int HOLD = 10;
    static final int RELEASE = 11;
    static final int REPRINT = 12;
    static final int RESOLVE = 13;
    static final int CAN_PRINT = 14;
    static final int LIST_PRINTERS = 15;
    static final int SPOOLER = 16;
    static final int PRINTER = 17;
    static final int PROBE = 18;
    static final int TELL_PROPERTIES = 19;

    private Operation() {}
}
