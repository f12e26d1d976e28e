package io.receiptd.document;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

import org.jetbrains.annotations.NotNull;

/**
 * One free line of a {@link Receipt}: a text, a rule, a code, a cut, ... Immutable.
 *
 * <p>The classes that extend it are all there are.
 */
public abstract class Line {
    private final List<Copy> only;

    Line(Collection<Copy> only) {
        this.only = Collections.unmodifiableList(new ArrayList<>(only));
    }

    /**
     * The copies that it is printed on.
     *
     * @return an unmodifiable list; empty: on all
     */
    public final @NotNull List<Copy> getOnly() {
        return only;
    }

    /** The one key of the line in the document. */
    abstract String key();

    /** What is in it, but for the copies. */
    abstract void writeFields(JsonWriter out);

    final void write(JsonWriter out) {
        out.beginObject().name(key()).beginObject();
        writeFields(out);
        if (!only.isEmpty()) {
            out.name("only").beginArray();
            for (Copy copy : only) {
                out.value(copy.getWord());
            }
            out.endArray();
        }
        out.endObject().endObject();
    }
}
