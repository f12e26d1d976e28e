package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** What the chip said, as it shall be printed. Immutable. */
public final class EmvData {
    private final String label;
    private final String aid;
    private final String tc;
    private final String arqc;
    private final String tvr;
    private final String tsi;
    private final String atc;
    private final String arc;

    private EmvData(Builder from) {
        label = from.label;
        aid = from.aid;
        tc = from.tc;
        arqc = from.arqc;
        tvr = from.tvr;
        tsi = from.tsi;
        atc = from.atc;
        arc = from.arc;
    }

    /**
     * A builder with nothing set.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.label = label;
        to.aid = aid;
        to.tc = tc;
        to.arqc = arqc;
        to.tvr = tvr;
        to.tsi = tsi;
        to.atc = atc;
        to.arc = arc;
        return to;
    }

    /**
     * Application label or preferred name (50, 9F12).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getLabel() {
        return label;
    }

    /**
     * Application identifier (4F, 84).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getAid() {
        return aid;
    }

    /**
     * Transaction certificate (9F26).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTc() {
        return tc;
    }

    /**
     * Authorisation request cryptogram (9F26).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getArqc() {
        return arqc;
    }

    /**
     * Terminal verification results (95).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTvr() {
        return tvr;
    }

    /**
     * Transaction status information (9B).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTsi() {
        return tsi;
    }

    /**
     * Application transaction counter (9F36).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getAtc() {
        return atc;
    }

    /**
     * Response code (8A).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getArc() {
        return arc;
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("label", label);
        out.field("aid", aid);
        out.field("tc", tc);
        out.field("arqc", arqc);
        out.field("tvr", tvr);
        out.field("tsi", tsi);
        out.field("atc", atc);
        out.field("arc", arc);
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof EmvData)) {
            return false;
        }
        EmvData that = (EmvData) other;
        return Objects.equals(label, that.label)
                && Objects.equals(aid, that.aid)
                && Objects.equals(tc, that.tc)
                && Objects.equals(arqc, that.arqc)
                && Objects.equals(tvr, that.tvr)
                && Objects.equals(tsi, that.tsi)
                && Objects.equals(atc, that.atc)
                && Objects.equals(arc, that.arc);
    }

    @Override
    public int hashCode() {
        return Objects.hash(label, aid, tc, arqc, tvr, tsi, atc, arc);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("EmvData")
                .add("label", label)
                .add("aid", aid)
                .add("tc", tc)
                .add("arqc", arqc)
                .add("tvr", tvr)
                .add("tsi", tsi)
                .add("atc", atc)
                .add("arc", arc)
                .toString();
    }

    /** Builds a {@link EmvData}. Not for several threads at once. */
    public static final class Builder {
        private String label;
        private String aid;
        private String tc;
        private String arqc;
        private String tvr;
        private String tsi;
        private String atc;
        private String arc;

        private Builder() {}

        /**
         * Application label or preferred name (50, 9F12).
         *
         * @param label the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder label(@Nullable String label) {
            this.label = label;
            return this;
        }

        /**
         * Application identifier (4F, 84).
         *
         * @param aid the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder aid(@Nullable String aid) {
            this.aid = aid;
            return this;
        }

        /**
         * Transaction certificate (9F26).
         *
         * @param tc the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder tc(@Nullable String tc) {
            this.tc = tc;
            return this;
        }

        /**
         * Authorisation request cryptogram (9F26).
         *
         * @param arqc the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder arqc(@Nullable String arqc) {
            this.arqc = arqc;
            return this;
        }

        /**
         * Terminal verification results (95).
         *
         * @param tvr the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder tvr(@Nullable String tvr) {
            this.tvr = tvr;
            return this;
        }

        /**
         * Transaction status information (9B).
         *
         * @param tsi the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder tsi(@Nullable String tsi) {
            this.tsi = tsi;
            return this;
        }

        /**
         * Application transaction counter (9F36).
         *
         * @param atc the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder atc(@Nullable String atc) {
            this.atc = atc;
            return this;
        }

        /**
         * Response code (8A).
         *
         * @param arc the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder arc(@Nullable String arc) {
            this.arc = arc;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         */
        public @NotNull EmvData build() {
            return new EmvData(this);
        }
    }
}
