package android.content;

public class IntentFilter {
    public IntentFilter() {
        throw new UnsupportedOperationException("stub");
    }

    public final void addAction(String action) {
        throw new UnsupportedOperationException("stub");
    }
}
