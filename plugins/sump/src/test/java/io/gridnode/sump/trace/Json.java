package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON for the tests, strictly: maps, lists, strings, longs or doubles. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.blanks();
        if (json.at != text.length()) {
            throw new IllegalArgumentException("more at " + json.at + ": " + text);
        }
        return value;
    }

    /** Below maps by name, below lists by place: {@code get(trace, "request", "headers", 0, 1)}. */
    static Object get(Object value, Object... path) {
        Object found = value;
        for (Object step : path) {
            found = step instanceof Integer ? ((List<?>) found).get((Integer) step) : ((Map<?, ?>) found).get(step);
        }
        return found;
    }

    private Object value() {
        blanks();
        char c = text.charAt(at);
        if (c == '{') {
            Map<String, Object> map = new LinkedHashMap<>();
            each('}', () -> {
                String key = string();
                take(':');
                if (map.put(key, value()) != null) {
                    throw new IllegalArgumentException(key + " is there twice");
                }
            });
            return map;
        }
        if (c == '[') {
            List<Object> list = new ArrayList<>();
            each(']', () -> list.add(value()));
            return list;
        }
        return c == '"' ? string() : number();
    }

    private void each(char close, Runnable one) {
        at++;
        blanks();
        if (text.charAt(at) == close) {
            at++;
            return;
        }
        do {
            blanks();
            one.run();
            blanks();
        } while (text.charAt(at++) == ',');
        if (text.charAt(at - 1) != close) {
            throw new IllegalArgumentException("no " + close + " at " + at + ": " + text);
        }
    }

    private String string() {
        take('"');
        StringBuilder string = new StringBuilder();
        for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
            if (c < ' ') {
                throw new IllegalArgumentException("a control character at " + at);
            }
            string.append(c == '\\' ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        if (c == 'u') {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        int place = "nrtbf".indexOf(c);
        return place < 0 ? c : "\n\r\t\b\f".charAt(place);
    }

    private Number number() {
        int from = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        if (number.contains(".")) {
            return Double.valueOf(number);
        }
        return Long.valueOf(number);
    }

    private void take(char c) {
        blanks();
        if (text.charAt(at++) != c) {
            throw new IllegalArgumentException("no " + c + " at " + at + ": " + text);
        }
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}
