package io.receiptd.document;

import java.util.Objects;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

/** Who sells. Immutable. */
public final class Merchant {
    private final String name;
    private final String id;
    private final String address;
    private final String phone;
    private final String taxId;

    private Merchant(Builder from) {
        name = Required.of("Merchant", "name", from.name);
        id = from.id;
        address = from.address;
        phone = from.phone;
        taxId = from.taxId;
    }

    /**
     * A builder with nothing set. Required: {@code name}.
     *
     * @return a new one
     */
    public static @NotNull Builder builder() {
        return new Builder();
    }

    /**
     * One with only what is required.
     *
     * @param name name (商户名称)
     * @return a new one
     */
    public static @NotNull Merchant of(@NotNull String name) {
        return builder().name(name).build();
    }

    /**
     * A builder that begins with what is here.
     *
     * @return a new one
     */
    public @NotNull Builder toBuilder() {
        Builder to = new Builder();
        to.name = name;
        to.id = id;
        to.address = address;
        to.phone = phone;
        to.taxId = taxId;
        return to;
    }

    /**
     * Name (商户名称).
     *
     * @return it
     */
    public @NotNull String getName() {
        return name;
    }

    /**
     * Number that the acquirer gave (商户编号).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getId() {
        return id;
    }

    /**
     * Address.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getAddress() {
        return address;
    }

    /**
     * Telephone.
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getPhone() {
        return phone;
    }

    /**
     * Taxpayer number (税号).
     *
     * @return it, or null if it is left out
     */
    public @Nullable String getTaxId() {
        return taxId;
    }

    void write(JsonWriter out) {
        out.beginObject();
        out.field("name", name);
        out.field("id", id);
        out.field("address", address);
        out.field("phone", phone);
        out.field("tax_id", taxId);
        out.endObject();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Merchant)) {
            return false;
        }
        Merchant that = (Merchant) other;
        return Objects.equals(name, that.name)
                && Objects.equals(id, that.id)
                && Objects.equals(address, that.address)
                && Objects.equals(phone, that.phone)
                && Objects.equals(taxId, that.taxId);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, id, address, phone, taxId);
    }

    /**
     * For logs: which fields are set, and nothing of what they say.
     *
     * @return one line
     */
    @Override
    public @NotNull String toString() {
        return new FieldNames("Merchant")
                .add("name", name)
                .add("id", id)
                .add("address", address)
                .add("phone", phone)
                .add("taxId", taxId)
                .toString();
    }

    /** Builds a {@link Merchant}. Not for several threads at once. */
    public static final class Builder {
        private String name;
        private String id;
        private String address;
        private String phone;
        private String taxId;

        private Builder() {}

        /**
         * Name (商户名称).
         *
         * @param name the value
         * @return this
         */
        public @NotNull Builder name(@NotNull String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Number that the acquirer gave (商户编号).
         *
         * @param id the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder id(@Nullable String id) {
            this.id = id;
            return this;
        }

        /**
         * Address.
         *
         * @param address the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder address(@Nullable String address) {
            this.address = address;
            return this;
        }

        /**
         * Telephone.
         *
         * @param phone the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder phone(@Nullable String phone) {
            this.phone = phone;
            return this;
        }

        /**
         * Taxpayer number (税号).
         *
         * @param taxId the value, or null to leave it out
         * @return this
         */
        public @NotNull Builder taxId(@Nullable String taxId) {
            this.taxId = taxId;
            return this;
        }

        /**
         * The value, as it is set now.
         *
         * @return a new one
         * @throws IllegalStateException if something that is required is not set
         */
        public @NotNull Merchant build() {
            return new Merchant(this);
        }
    }
}
