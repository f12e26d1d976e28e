package android.content;

import android.os.Parcelable;

public class Intent {
    public Intent(String action) {
        throw new UnsupportedOperationException("stub");
    }

    public String getAction() {
        throw new UnsupportedOperationException("stub");
    }

    public Intent setPackage(String packageName) {
        throw new UnsupportedOperationException("stub");
    }

    public <T extends Parcelable> T getParcelableExtra(String name) {
        throw new UnsupportedOperationException("stub");
    }

    public boolean getBooleanExtra(String name, boolean defaultValue) {
        throw new UnsupportedOperationException("stub");
    }
}
