package io.receiptd.document;

import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;

/** Local date and time as documents have it; {@code java.time} is not on Android before 8. */
final class LocalTime {
    private LocalTime() {}

    static String of(Date when, TimeZone zone) {
        SimpleDateFormat format = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);
        format.setTimeZone(zone);
        return format.format(when);
    }
}
