package io.receiptd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import org.jetbrains.annotations.NotNull;

/** The daemon itself: its version, and whether it can store receipts. Immutable. */
public final class SpoolerInfo {
    private final String version;
    private final int apiVersion;
    private final StoreState storeState;
    private final List<String> warnings;

    /**
     * A value of its own, for tests of an app.
     *
     * @param version    of the daemon
     * @param apiVersion of the interface
     * @param storeState whether receipts can be stored
     * @param warnings   what is wrong with the configuration although the daemon runs
     */
    public SpoolerInfo(@NotNull String version, int apiVersion, @NotNull StoreState storeState,
            @NotNull List<String> warnings) {
        this.version = Objects.requireNonNull(version, "version");
        this.apiVersion = apiVersion;
        this.storeState = Objects.requireNonNull(storeState, "storeState");
        this.warnings = Collections.unmodifiableList(new ArrayList<>(warnings));
    }

    static SpoolerInfo read(FrameReader in) {
        String version = in.string();
        int apiVersion = in.count32();
        StoreState storeState = StoreState.read(in);
        return new SpoolerInfo(version, apiVersion, storeState, in.strings());
    }

    /**
     * The version of the daemon.
     *
     * @return for example {@code 0.1.0}
     */
    public @NotNull String getVersion() {
        return version;
    }

    /**
     * The version of the interface; it rises when members are added.
     *
     * @return from 1
     */
    public int getApiVersion() {
        return apiVersion;
    }

    /**
     * Whether receipts can be stored; anything but {@link StoreState#OK} means that nothing is accepted.
     *
     * @return whether
     */
    public @NotNull StoreState getStoreState() {
        return storeState;
    }

    /**
     * What is wrong with the configuration although the daemon runs.
     *
     * @return an unmodifiable list of sentences in English
     */
    public @NotNull List<String> getWarnings() {
        return warnings;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof SpoolerInfo)) {
            return false;
        }
        SpoolerInfo that = (SpoolerInfo) other;
        return version.equals(that.version) && apiVersion == that.apiVersion && storeState == that.storeState
                && warnings.equals(that.warnings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, apiVersion, storeState, warnings);
    }

    /**
     * For logs.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new Text("SpoolerInfo").add("version", version).add("apiVersion", apiVersion)
                .add("storeState", storeState).add("warnings", warnings.size()).toString();
    }
}
