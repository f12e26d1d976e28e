/**
 * The document: a {@link io.receiptd.document.Receipt} with builders for everything that receiptd knows to print.
 *
 * <p>A receipt is any of three parts: a {@link io.receiptd.document.Sale} (the receipt of a shop), a
 * {@link io.receiptd.document.Slip} (the slip of a card payment), and free {@link io.receiptd.document.Line}s. How wide
 * the paper is and which fonts there are is the printer's business, not the document's.
 *
 * <p>Every class here is immutable and may be used by several threads; a builder may not. Builders check what can be
 * said without the printer (what is required, ranges, that the amounts are of one currency); the daemon checks all of
 * it, and refuses with {@code INVALID_DOCUMENT} and the place. Nothing here blocks or needs the native library.
 *
 * <p>{@code toString} never tells content: it is safe in logs.
 */
package io.receiptd.document;
