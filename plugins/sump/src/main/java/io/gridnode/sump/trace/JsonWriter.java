package io.gridnode.sump.trace;

/** Writes JSON, value after value; the caller opens and closes. */
final class JsonWriter {
    private final StringBuilder out = new StringBuilder(4_096);

    JsonWriter open(char bracket) {
        comma();
        out.append(bracket);
        return this;
    }

    JsonWriter close(char bracket) {
        out.append(bracket);
        return this;
    }

    JsonWriter key(String name) {
        string(name);
        out.append(':');
        return this;
    }

    JsonWriter number(long number) {
        comma();
        out.append(number);
        return this;
    }

    /** A time in ms with what of it is finer. */
    JsonWriter ms(long us) {
        number(us / 1_000);
        if (us % 1_000 != 0) {
            out.append('.').append(String.format("%03d", us % 1_000));
        }
        return this;
    }

    JsonWriter string(String text) {
        comma();
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '\r') {
                out.append("\\r");
            } else if (c == '\t') {
                out.append("\\t");
            } else if (c < ' ') {
                out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 0xF, 16));
            } else {
                out.append(c);
            }
        }
        out.append('"');
        return this;
    }

    int length() {
        return out.length();
    }

    /** Takes back what was written since. */
    void cutTo(int length) {
        out.setLength(length);
    }

    /** Halves of pairs become question marks. */
    byte[] utf8() {
        return Span.utf8(out.toString());
    }

    /** Between two values, not after what opens or names one. A string ends in its quotation mark whatever is in it. */
    private void comma() {
        char last = out.length() == 0 ? '[' : out.charAt(out.length() - 1);
        if (last != '{' && last != '[' && last != ':') {
            out.append(',');
        }
    }
}
