package io.gridnode.gatling;

import java.util.Objects;
import scala.collection.immutable.List;

/** The groups around a request and its name (null: the groups themselves), with how the lines of their samples begin. Immutable. */
final class Label {
    static final String SEPARATOR = " / ";

    private final List<String> groups;
    private final String name;
    final byte[] head;

    Label(List<String> groups, String name, byte[] head) {
        this.groups = groups;
        this.name = name;
        this.head = head;
    }

    boolean is(List<String> otherGroups, String otherName) {
        return Objects.equals(name, otherName) && isSame(groups, otherGroups);
    }

    /** Of the texts' own, which know theirs; a list's would look at every character of every element. */
    static int hash(List<String> groups, String name) {
        int hash = name == null ? 0 : name.hashCode();
        for (List<String> rest = groups; !rest.isEmpty(); rest = tail(rest)) {
            hash = 31 * hash + rest.head().hashCode();
        }
        return hash;
    }

    /** {@code checkout / pay}: outermost first, as Gatling's own reports have it. */
    static String text(List<String> groups, String name) {
        if (groups.isEmpty()) {
            return name;
        }
        StringBuilder text = new StringBuilder();
        for (List<String> rest = groups; !rest.isEmpty(); rest = tail(rest)) {
            text.append(rest.head()).append(SEPARATOR);
        }
        if (name == null) {
            text.setLength(text.length() - SEPARATOR.length());
            return text.toString();
        }
        return text.append(name).toString();
    }

    private static boolean isSame(List<String> a, List<String> b) {
        List<String> left = a;
        List<String> right = b;
        while (left != right) {
            if (left.isEmpty() || right.isEmpty() || !left.head().equals(right.head())) {
                return false;
            }
            left = tail(left);
            right = tail(right);
        }
        return true;
    }

    @SuppressWarnings("unchecked") // Scala's signature of tail, seen from Java, has lost the element's type.
    private static List<String> tail(List<String> list) {
        return (List<String>) list.tail();
    }
}
