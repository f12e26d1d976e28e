package android.app;

import android.content.Context;
import android.content.Intent;

public final class PendingIntent {
    public static final int FLAG_UPDATE_CURRENT = 1 << 27;

    private PendingIntent() {}

    public static PendingIntent getBroadcast(Context context, int requestCode, Intent intent, int flags) {
        throw new UnsupportedOperationException("stub");
    }
}
