package io.gridnode.sump.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Secrets whose name is another member's value: {@code {"name":"password","value":"s3cret"}}, in either order, with others between
 * them, in JSON, a script, or JSON within a string. Those of a text.
 */
final class SecretPairs {
    /** Members that say what a value is. */
    static final Set<String> LABELS =
            Set.of("name", "id", "key", "property", "field", "parametername", "parameterkey");
    /** Members that have it. */
    static final Set<String> VALUES = Set.of("value", "val", "content", "values", "parametervalue");
    /** Members that say the same of a value in a change of JSON, and of one that a validator refused. */
    private static final Set<String> PATHS =
            Set.of("path", "param", "loc", "instancepath", "datapath", "propertypath", "pointer", "label");
    /** Members that have what was refused; and what tells nothing of it. */
    private static final Set<String> REFUSED =
            Set.of("originalvalue", "rejectedvalue", "invalidvalue", "input", "data", "received", "invalid");
    private static final Set<String> NOTHING =
            Set.of("null", "None", "undefined", "string", "number", "boolean", "object", "array", "nan");
    private static final int NOTHING_BYTES_MAX = 9;
    /** Of a path that is a list. */
    private static final int LIST_BYTES_MAX = 256;
    /** Members that say the same of a field of a form. */
    private static final Set<String> KINDS = Set.of("type");
    /** Of those it may be a key of the keyboard. */
    private static final String NO_KIND = "key";
    private static final String MISSING = "missing";
    private static final int KIND_BYTES_MAX = 256;
    /** What says that an object is a key in JSON, and its members that are secret. */
    private static final Set<String> KEY_KIND = Set.of("kty");
    private static final Set<String> KEY_PARTS = Set.of("d", "p", "q", "dp", "dq", "qi", "k");
    private static final byte[][] SLASHES = Span.all("/", "\\/");
    /** Those that are secret as long as a cut may have taken the name, unless they are longer than secrets are. */
    private static final Set<String> IN_DOUBT = Set.of("value", "val");
    private static final int DOUBT_BYTES_MAX = 4_096;
    /** Bytes of a member's name in a list of names and values, where {@code key} is no secret. */
    private static final int WORD_BYTES_MAX = 40;
    private static final String WORD_MARKS = "_-. :/[]";
    /** Times the text's bytes that are read in search of quotation marks. */
    private static final int WORK_MAX = 4;
    private static final String WHITE = " \t\r\n";
    private static final String PLAIN_ENDS = ",;}]\r\n\\\"'<>";
    private static final byte[][] SEPARATORS = Span.all("=>", ":", "=");
    private static final byte[] OBJECT = {'{'};

    final List<Span> secrets = new ArrayList<>();
    /** Words that look like a secret's name and are none. */
    final Set<Integer> labels = new HashSet<>();

    private final byte[] bytes;
    private final SecretNames names;
    private final Deque<Open> open = new ArrayDeque<>();
    /** Bytes that were read in search of quotation marks. */
    private long work;
    /** What is opened there is a member's value. */
    private int valueAt = -1;
    /** The same of what was refused. */
    private int inputAt = -1;

    SecretPairs(byte[] bytes, SecretNames names) {
        this.bytes = bytes;
        this.names = names;
        if (Span.find(bytes, 0, bytes.length, OBJECT) >= 0) {
            read();
        }
    }

    long bytesReadInStrings() {
        return work;
    }

    private void read() {
        int at = 0;
        while (at < bytes.length) {
            while (!open.isEmpty() && limit() <= at) {
                close(limit());
            }
            at = next(at);
        }
        while (!open.isEmpty()) {
            close(Math.min(limit(), bytes.length));
        }
    }

    /** Reads what begins there, and says from where on to read. */
    private int next(int at) {
        byte b = bytes[at];
        if (SecretPlace.isName(b)) {
            return word(at);
        }
        if (b == '{' || b == '[') {
            push(b, at, limit());
        } else if (b == '}') {
            while (isIn('[')) {
                close(at);
            }
            if (isIn('{')) {
                close(at + 1);
            }
        } else if (isIn('[')) {
            if (b == ']') {
                close(at + 1);
            } else if (b == '"' || b == '\'' || b == '\\' || b == '&') {
                return element(at);
            }
        }
        return at + 1;
    }

    private boolean isIn(int mark) {
        return !open.isEmpty() && open.peek().mark == mark;
    }

    private int limit() {
        return open.isEmpty() ? Integer.MAX_VALUE : open.peek().limit;
    }

    private void push(int mark, int at, int limit) {
        open.push(new Open(mark, at, limit, valueAt == at, inputAt == at));
    }

    /** What was opened last ends. */
    private void close(int end) {
        Open last = open.pop();
        if (last.isValue && !open.isEmpty()) {
            open.peek().values.add(new Span(last.at, end));
        }
        if (last.isInput && !open.isEmpty()) {
            open.peek().inputs.add(new Span(last.at, end));
        }
        if (!last.values.isEmpty() && last.label >= 0) {
            labels.add(last.label);
        }
        if (last.key) {
            secrets.addAll(last.keyParts);
        }
        if (last.secret || last.isRefused) {
            secrets.addAll(last.refused);
            secrets.addAll(last.missing ? List.of() : last.inputs);
        }
        if (last.secret) {
            secrets.addAll(last.values);
        } else if (end >= bytes.length && !last.hasLabel && bytes[bytes.length - 1] != '}') {
            secrets.addAll(last.inDoubt);
        }
    }

    /** A string in an array, should one begin there. */
    private int element(int at) {
        Quote quote = Quote.at(bytes, at);
        Open array = open.peek();
        if (quote != null && array.quoteAt == at) {
            return quote.after;
        }
        if (quote == null || isTired()) {
            return Math.max(Span.skip(bytes, at, "\\"), at + 1);
        }
        array.quoteAt = quote.closing(bytes);
        return string(at, new Span(quote.after, array.quoteAt), false);
    }

    private boolean isTired() {
        return work > (long) WORK_MAX * bytes.length;
    }

    /** What is in a string is looked at where it may be an object. Says from where on to read. */
    private int string(int at, Span value, boolean label) {
        work += value.to - value.from;
        if (!label && Span.find(bytes, value.from, value.to, OBJECT) >= 0) {
            push('"', at, Math.min(value.to, limit()));
            return value.from;
        }
        return value.to;
    }

    /** Looks at a word, and says from where on to read. */
    private int word(int at) {
        int end = at;
        while (end < bytes.length && SecretPlace.isName(bytes[end])) {
            end++;
        }
        Quote named = Quote.at(bytes, end);
        int start = Span.skip(bytes, named == null ? end : named.after, WHITE);
        byte[] separator = Span.first(bytes, start, SEPARATORS);
        if (separator == null) {
            return end;
        }
        start = Span.skip(bytes, start + separator.length, WHITE);
        boolean label = SecretTags.isAny(bytes, at, end, LABELS);
        boolean isValue = SecretTags.isAny(bytes, at, end, VALUES);
        boolean tired = isTired();
        if (tired && !isValue) {
            return end;
        }
        Quote quote = Quote.at(bytes, start);
        Span value;
        if (quote != null) {
            value = new Span(quote.after, quote.closing(bytes));
        } else if (Span.at(bytes, start) == '{' || Span.at(bytes, start) == '[') {
            valueAt = isValue && isIn('{') ? start : -1;
            inputAt = SecretTags.isAny(bytes, at, end, REFUSED) && isIn('{') ? start : -1;
            if (SecretTags.isAny(bytes, at, end, PATHS)) {
                list(start);
            }
            return start;
        } else if (label || isValue || SecretTags.isAny(bytes, at, end, PATHS) || SecretTags.isAny(bytes, at, end, REFUSED)) {
            value = plain(start);
        } else {
            return end;
        }
        if (tired) {
            // What is not looked at may be secret.
            secrets.add(value);
            return Math.max(value.to, end);
        }
        key(at, end, value);
        if (label || isValue) {
            member(at, end, value, label);
        } else {
            kind(at, end, value);
        }
        return string(start, value, label);
    }

    private Span plain(int start) {
        int end = Span.until(bytes, start, PLAIN_ENDS);
        while (end > start && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t')) {
            end--;
        }
        return new Span(start, end);
    }

    private void member(int at, int end, Span value, boolean label) {
        if (!isIn('{') || value.from >= value.to) {
            return;
        }
        Open object = open.peek();
        if (!label) {
            object.values.add(value);
            if (SecretTags.isAny(bytes, at, end, IN_DOUBT)) {
                object.refused.add(value);
            }
            if (value.to - value.from <= DOUBT_BYTES_MAX && SecretTags.isAny(bytes, at, end, IN_DOUBT)) {
                object.inDoubt.add(value);
            }
            return;
        }
        boolean carrier = SecretTags.isLabel(bytes, value, names);
        object.secret |= carrier;
        object.isRefused |= carrier;
        object.hasLabel |= value.to < bytes.length;
        if (carrier || isWord(bytes, value)) {
            object.label = at;
        }
    }

    /** A member that may be one of a key's. */
    private void key(int at, int end, Span value) {
        if (isIn('{') && SecretTags.isAny(bytes, at, end, KEY_PARTS)) {
            open.peek().keyParts.add(value);
        } else if (isIn('{') && SecretTags.isAny(bytes, at, end, KEY_KIND)) {
            open.peek().key = true;
        }
    }

    private void kind(int at, int end, Span value) {
        if (!isIn('{') || value.from >= value.to) {
            return;
        }
        boolean secret = false;
        if (SecretTags.isAny(bytes, at, end, REFUSED)) {
            refused(value);
        } else if (SecretTags.isAny(bytes, at, end, KINDS) && value.to - value.from <= KIND_BYTES_MAX) {
            String kind = Span.text(bytes, value.from, value.to);
            secret = !kind.equalsIgnoreCase(NO_KIND) && names.isSecret(kind);
            open.peek().missing |= kind.toLowerCase(Locale.ROOT).endsWith(MISSING);
        } else if (SecretTags.isAny(bytes, at, end, PATHS)) {
            boolean path = Span.first(bytes, value.from, SLASHES) != null;
            boolean carrier = SecretTags.isLabel(bytes, value, names);
            secret = path && carrier;
            // That of a file may have a folder of such a name.
            open.peek().isRefused |= carrier && (path || Span.find(bytes, value.from, value.to, SLASHES[0]) < 0);
        }
        open.peek().secret |= secret;
    }

    private void refused(Span value) {
        boolean isShort = value.to - value.from <= NOTHING_BYTES_MAX;
        if (!isShort || !NOTHING.contains(Span.text(bytes, value.from, value.to))) {
            open.peek().refused.add(value);
        }
    }

    /** Looks at a path that is a list, {@code ["body", "password"]}: what its last part names. */
    private void list(int at) {
        int limit = Math.min(bytes.length, at + LIST_BYTES_MAX);
        int first = at + 1;
        int end = at + 1;
        while (end < limit && bytes[end] != ']') {
            first = bytes[end] == ',' ? end + 1 : first;
            end++;
        }
        if (end < limit && isIn('{')) {
            open.peek().isRefused |= SecretTags.isLabel(bytes, new Span(first, end), names);
        }
    }

    /** Whether a label is a word, and no secret. */
    static boolean isWord(byte[] bytes, Span value) {
        int at = value.from;
        while (at < value.to && (SecretPlace.isLetter(bytes[at]) || WORD_MARKS.indexOf(bytes[at]) >= 0)) {
            at++;
        }
        return at == value.to && at > value.from && at - value.from <= WORD_BYTES_MAX;
    }

    /** What is open: an object, an array, or a string, which may have objects in it. */
    private static final class Open {
        private final int mark;
        private final int at;
        /** Where the string around it ends. */
        private final int limit;
        private final boolean isValue;
        /** Whether it is what was refused; and what was so in it, unless that is all in which a member was missing. */
        private final boolean isInput;
        private final List<Span> inputs = new ArrayList<>(0);
        private boolean missing;
        private final List<Span> values = new ArrayList<>(0);
        private final List<Span> inDoubt = new ArrayList<>(0);
        private final List<Span> refused = new ArrayList<>(0);
        /** Where its last string ends, if it is an array. */
        private int quoteAt = -1;
        private final List<Span> keyParts = new ArrayList<>(0);
        private boolean key;
        private boolean secret;
        /** Whether what was refused is secret. */
        private boolean isRefused;
        private boolean hasLabel;
        private int label = -1;

        private Open(int mark, int at, int limit, boolean isValue, boolean isInput) {
            this.mark = mark;
            this.at = at;
            this.limit = limit;
            this.isValue = isValue;
            this.isInput = isInput;
        }
    }
}
