package android.content;

import java.io.File;

public abstract class Context {
    public static final String USB_SERVICE = "usb";

    public abstract Object getSystemService(String name);

    public abstract Context getApplicationContext();

    public abstract String getPackageName();

    public abstract File getNoBackupFilesDir();

    public abstract Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter);

    /** API 26. */
    public abstract Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, int flags);

    public abstract void unregisterReceiver(BroadcastReceiver receiver);
}
