package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Tokens of well-known services, which tell by how they begin: {@code ghp_…}, {@code xoxb-…}; and the passwords of Oracle's URLs.
 * Those of a text.
 */
final class SecretToken {
    private static final List<Kind> KINDS = List.of(
            new Kind("_", 8, "sk_live_", "sk_test_", "rk_live_", "rk_test_", "github_pat_"),
            new Kind("", 8, "gho_", "ghp_", "ghs_", "ghu_", "ghr_"),
            new Kind("_-.", 8, "glpat-"),
            new Kind("-", 8, "xoxa-", "xoxb-", "xoxc-", "xoxe-", "xoxp-", "xoxr-", "xoxs-", "xapp-"),
            new Kind("-%_/+", 8, "xoxd-"),
            new Kind("_-", 35, "AIza"),
            new Kind("_-", 8, "sk-proj-", "sk-ant-", "sk-svcacct-", "sk-admin-", "sk-or-v1-"),
            new Kind("", 20, "sk-"),
            new Kind("_/+=", 8, "whsec_"),
            new Kind("_-", 20, "GOCSPX-", "1//0"),
            new Kind("_-", 20, "hvs.", "hvb.", "hvr."),
            new Kind("", 30, "hf_"),
            new Kind("_-", 8, "pypi-AgE"),
            new Kind("", 36, "npm_"),
            new Kind("", 64, "dop_v1_"),
            new Kind("", 32, "shpat_"),
            new Kind("_-.", 20, "ya29."),
            new Kind("_", 8, "ek_live_", "ek_test_"),
            new Kind("", 32, "shpss_", "shpca_", "shppa_", "key-"),
            new Kind("_-", 20, "sq0csp-", "sq0atp-", "sq0idp-"),
            new Kind("_-", 56, "EAAA"),
            new Kind("$", 16, "access_token$production$", "access_token$sandbox$"),
            new Kind("_-.", 20, "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-"),
            new Kind("-", 20, "NRAK-", "PMAK-", "AGE-SECRET-KEY-"),
            new Kind("", 20, "lin_api_", "rnd_"),
            new Kind("_/+=", 20, "sntrys_", "sntryu_"),
            new Kind("_-=", 20, "ATATT3x"),
            new Kind("", 30, "gsk_", "r8_"),
            new Kind("_-", 20, "figd_", "dckr_pat_", "tfp_"));
    private static final String FIRSTS = "1AEGNPSacdefghklnprstwxy";
    /** Those of Stripe's that have a secret after what they are of, and bytes of that. */
    private static final byte[][] CLIENTS = Span.all("seti_", "pi_", "cs_", "src_");
    private static final byte[] CLIENT = Span.utf8("_secret_");
    private static final int CLIENT_BYTES_MAX = 64;
    private static final Kind GRID = new Kind("_-.", 66, "SG.");
    /** Of its first part. */
    private static final int GRID_BYTES = 22;
    /** Its keys have capital letters alone. */
    private static final Kind AMAZON = new Kind("", 16, "AKIA", "ASIA");
    /** How one of the web begins, and bytes of its first parts. */
    private static final byte[] WEB = Span.utf8("eyJ");
    private static final int WEB_PART_BYTES_MIN = 8;
    /** Of a token that is cut. */
    private static final int CUT_BYTES_MIN = 8;
    private static final byte[] HOOK = Span.utf8("hooks.slack.com");
    private static final byte[] HOOK_PART = Span.utf8("services");
    private static final byte[][] SLASHES = Span.all("/", "\\/", "%2F", "%2f");
    /** Telegram's, in the URL of a bot; and of a web hook of Discord's. Digits before a token, and bytes of one. */
    private static final byte[] BOT = Span.utf8("/bot");
    private static final int BOT_DIGITS_MAX = 12;
    private static final byte[] DISCORD = Span.utf8("/webhooks/");
    private static final int DISCORD_DIGITS_MAX = 24;
    private static final int DIGITS_MIN = 6;
    private static final int TOKEN_BYTES_MIN = 20;
    private static final byte[][] COLONS = Span.all(":", "%3A", "%3a");
    private static final byte[] ORACLE = Span.utf8("jdbc:oracle:thin:");
    /** Of a user before a password, which no mark tells from it but the first. */
    private static final int USER_BYTES_MAX = 128;
    private static final String PASSWORD_ENDS = " \t\r\n\"'<>\\";

    final List<Span> secrets = new ArrayList<>(0);

    private final byte[] bytes;

    SecretToken(byte[] bytes) {
        this.bytes = bytes;
        int at = 0;
        while (at < bytes.length) {
            int end = FIRSTS.indexOf(bytes[at]) >= 0 && isBeginning(at) ? token(at) : -1;
            if (end >= 0) {
                secrets.add(new Span(at, end));
            }
            at = Math.max(at + 1, end);
        }
        webTokens();
        for (at = Span.find(bytes, 0, bytes.length, HOOK); at >= 0; at = Span.find(bytes, at, bytes.length, HOOK)) {
            at = hook(at + HOOK.length);
        }
        for (at = Span.find(bytes, 0, bytes.length, BOT); at >= 0; at = Span.find(bytes, at, bytes.length, BOT)) {
            at = numbered(at + BOT.length, BOT_DIGITS_MAX, COLONS);
        }
        for (at = Span.find(bytes, 0, bytes.length, DISCORD); at >= 0; at = Span.find(bytes, at, bytes.length, DISCORD)) {
            at = numbered(at + DISCORD.length, DISCORD_DIGITS_MAX, SLASHES);
        }
        for (at = Span.find(bytes, 0, bytes.length, ORACLE); at >= 0; at = Span.find(bytes, at, bytes.length, ORACLE)) {
            at = oracle(at + ORACLE.length);
        }
    }

    /** No token begins within a word, but after what is encoded or escaped. */
    private boolean isBeginning(int at) {
        int before = Span.at(bytes, at - 1);
        int second = Span.at(bytes, at - 2);
        return !Span.isAlphanumeric(before)
                || second == '\\' && (before == 'n' || before == 'r' || before == 't')
                || Span.at(bytes, at - 3) == '%' && Character.digit(second, 16) >= 0 && Character.digit(before, 16) >= 0;
    }

    /** Where the token ends that begins there, or -1. */
    private int token(int at) {
        int client = client(at);
        if (client >= 0) {
            return client;
        }
        byte[] start = Span.first(bytes, at, AMAZON.starts);
        if (start != null) {
            int to = at + start.length;
            while (Span.isDigit(Span.at(bytes, to)) || Span.at(bytes, to) >= 'A' && Span.at(bytes, to) <= 'Z') {
                to++;
            }
            return whole(at + start.length, to, AMAZON);
        }
        if (Span.startsWith(bytes, at, GRID.starts[0])) {
            int first = at + GRID.starts[0].length;
            // Its first part first: others may follow that are read as often as they begin like one.
            int dot = first;
            while (dot - first < GRID_BYTES && Span.at(bytes, dot) != '.' && GRID.isPart(Span.at(bytes, dot))) {
                dot++;
            }
            boolean one = dot - first == GRID_BYTES && Span.at(bytes, dot) == '.';
            return one ? whole(first, GRID.end(bytes, first), GRID) : -1;
        }
        for (Kind kind : KINDS) {
            start = Span.first(bytes, at, kind.starts);
            if (start != null) {
                return whole(at + start.length, kind.end(bytes, at + start.length), kind);
            }
        }
        return -1;
    }

    /** Those of the web: three parts in base64, the first of which is JSON; of five the second may be empty. */
    private void webTokens() {
        int at = Span.find(bytes, 0, bytes.length, WEB);
        while (at >= 0) {
            int start = at;
            boolean one = isBeginning(start);
            // None is read again from where others might begin in it.
            at = one ? partEnd(start) : start + WEB.length;
            int last = one && at - start >= WEB_PART_BYTES_MIN ? lastOf(at) : -1;
            if (last >= 0) {
                at = last;
                while (Span.at(bytes, at) == '.' || isWebPart(Span.at(bytes, at))) {
                    at++;
                }
                secrets.add(new Span(start, at));
            }
            at = Span.find(bytes, at, bytes.length, WEB);
        }
    }

    /** Where the last part of one begins whose first part ends there, or -1. */
    private int lastOf(int first) {
        int second = partEnd(first + 1);
        if (Span.at(bytes, first) != '.' || Span.at(bytes, second) != '.') {
            return -1;
        }
        if (second > first + 1) {
            return second - first > WEB_PART_BYTES_MIN ? second + 1 : -1;
        }
        int third = partEnd(second + 1);
        int fourth = partEnd(third + 1);
        return Span.at(bytes, third) == '.' && Span.at(bytes, fourth) == '.' ? fourth + 1 : -1;
    }

    private int partEnd(int from) {
        int to = from;
        while (isWebPart(Span.at(bytes, to))) {
            to++;
        }
        return to;
    }

    private static boolean isWebPart(int b) {
        return Span.isAlphanumeric(b) || b == '_' || b == '-';
    }

    /** The same of what Stripe has a client pay: a secret after what it is of, {@code seti_abc_secret_def}. */
    private int client(int at) {
        byte[] start = Span.first(bytes, at, CLIENTS);
        if (start == null) {
            return -1;
        }
        int id = at + start.length;
        int end = id;
        while (end - id <= CLIENT_BYTES_MAX && Span.isAlphanumeric(Span.at(bytes, end))) {
            end++;
        }
        int secret = end + CLIENT.length;
        if (end - id < CUT_BYTES_MIN || end - id > CLIENT_BYTES_MAX || !Span.startsWith(bytes, end, CLIENT)) {
            return -1;
        }
        int to = secret;
        while (Span.isAlphanumeric(Span.at(bytes, to))) {
            to++;
        }
        return to - secret >= CUT_BYTES_MIN ? to : -1;
    }

    private int whole(int from, int to, Kind kind) {
        boolean cut = to == bytes.length && to - from >= CUT_BYTES_MIN;
        return cut || to - from >= kind.bytesMin ? to : -1;
    }

    /** What tells where a web hook of Slack's posts to; says from where on to look for another. */
    private int hook(int at) {
        int part = at + slash(at);
        int end = part + HOOK_PART.length;
        if (part == at || !Span.startsWith(bytes, part, HOOK_PART) || slash(end) == 0) {
            return at;
        }
        int start = end + slash(end);
        int to = start;
        while (slash(to) > 0 || Span.isAlphanumeric(Span.at(bytes, to))) {
            to += Math.max(1, slash(to));
        }
        secrets.add(new Span(start, to));
        return to;
    }

    /** Looks for a token after a number and a mark; says from where on to look for another. */
    private int numbered(int at, int digitsMax, byte[][] marks) {
        int end = at;
        while (Span.isDigit(Span.at(bytes, end))) {
            end++;
        }
        byte[] mark = Span.first(bytes, end, marks);
        int start = mark == null ? end : end + mark.length;
        int to = start;
        while (Span.isAlphanumeric(Span.at(bytes, to)) || Span.at(bytes, to) == '_' || Span.at(bytes, to) == '-') {
            to++;
        }
        if (mark == null || end - at < DIGITS_MIN || end - at > digitsMax || to - start < TOKEN_BYTES_MIN) {
            return at;
        }
        secrets.add(new Span(start, to));
        return to;
    }

    private int slash(int at) {
        byte[] slash = Span.first(bytes, at, SLASHES);
        return slash == null ? 0 : slash.length;
    }

    private int oracle(int at) {
        int user = at;
        while (SecretPlace.isName(Span.at(bytes, user)) || Span.at(bytes, user) == '#') {
            user++;
        }
        if (user == at || user - at > USER_BYTES_MAX || Span.at(bytes, user) != '/') {
            return at;
        }
        int start = user + 1;
        int end = Span.until(bytes, start, PASSWORD_ENDS);
        int host = end - 1;
        while (host >= start && bytes[host] != '@') {
            host--;
        }
        if (host >= start || end == bytes.length) {
            secrets.add(new Span(start, host >= start ? host : end));
        }
        return end;
    }

    /** How a token begins, what is in it beside letters and digits, and how much. */
    private static final class Kind {
        private final byte[][] starts;
        private final String marks;
        private final int bytesMin;

        private Kind(String marks, int bytesMin, String... starts) {
            this.starts = Span.all(starts);
            this.marks = marks;
            this.bytesMin = bytesMin;
        }

        private int end(byte[] bytes, int from) {
            int to = from;
            while (to < bytes.length && isPart(bytes[to])) {
                to++;
            }
            return to;
        }

        private boolean isPart(int b) {
            return Span.isAlphanumeric(b) || b > 0 && marks.indexOf(b) >= 0;
        }
    }
}
