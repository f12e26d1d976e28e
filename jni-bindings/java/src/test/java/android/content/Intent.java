package android.content;

import android.os.Parcelable;
import java.util.HashMap;
import java.util.Map;

public class Intent {
    private final String action;
    private final Map<String, Object> extras = new HashMap<>();
    private String packageName;

    public Intent(String action) {
        this.action = action;
    }

    public String getAction() {
        return action;
    }

    public Intent setPackage(String packageName) {
        this.packageName = packageName;
        return this;
    }

    public String getPackage() {
        return packageName;
    }

    public Intent put(String name, Object value) {
        extras.put(name, value);
        return this;
    }

    @SuppressWarnings("unchecked")
    public <T extends Parcelable> T getParcelableExtra(String name) {
        return (T) extras.get(name);
    }

    public boolean getBooleanExtra(String name, boolean defaultValue) {
        return extras.containsKey(name) ? (Boolean) extras.get(name) : defaultValue;
    }
}
