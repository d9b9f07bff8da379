package io.gridnode.sump;

/** Texts as receivers know them from a sample's line: cut, control characters as spaces. */
public final class SentText {
    /** Of a character in UTF-8, unless it is one of a pair. */
    private static final int CHAR_BYTES_MAX = 3;

    private SentText() {}

    /** An error text; null is none. */
    public static String error(String text) {
        return cut(text, LineWriter.ERROR_BYTES_MAX);
    }

    /** A response code; null is none. */
    public static String code(String text) {
        return cut(text, LineWriter.CODE_BYTES_MAX);
    }

    private static String cut(String text, int bytesMax) {
        if (text == null) {
            return "";
        }
        return isAsItIs(text, bytesMax) ? text : slowly(text, bytesMax);
    }

    private static boolean isAsItIs(String text, int bytesMax) {
        if (text.length() > bytesMax / CHAR_BYTES_MAX) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static String slowly(String text, int bytesMax) {
        StringBuilder cut = new StringBuilder(Math.min(text.length(), bytesMax));
        int left = bytesMax;
        for (int i = 0; i < text.length();) {
            int c = text.codePointAt(i);
            left -= c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (left < 0) {
                break;
            }
            cut.appendCodePoint(isControl(c) ? ' ' : c);
            i += Character.charCount(c);
        }
        return cut.toString();
    }

    private static boolean isControl(int c) {
        return c < ' ' || c == 0x7F;
    }
}
