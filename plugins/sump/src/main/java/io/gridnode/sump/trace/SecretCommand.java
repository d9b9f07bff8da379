package io.gridnode.sump.trace;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Secrets that are options of programs, whatever these are named: {@code curl -u user:pass}, {@code mysql -ps3cret}, {@code sshpass -p
 * s3cret}. The program that a text is in, as far as it was looked at.
 */
final class SecretCommand {
    /** Bytes from a program to an option of it, which may be in another line after a backslash. */
    private static final int COMMAND_BYTES_MAX = 4_096;
    /** Of the longest word that is looked at. */
    private static final int WORD_BYTES_MAX = 256;
    private static final String NEXT = " \t\"'\\";
    private static final String ENDS = " \t\r\n\"'\\<>";
    private static final Map<String, Program> PROGRAMS = new HashMap<>();

    static {
        Program curl = new Program("#0123456fgGijIJklLMnNOpqRsSvVZ", false, Map.of(
                "u", Kind.PAIR, "U", Kind.PAIR, "--user", Kind.PAIR, "--proxy-user", Kind.PAIR,
                "b", Kind.COOKIE, "--oauth2-bearer", Kind.WHOLE));
        put(curl, "curl");
        put(new Program("hbvIjfFdcqS", false, Map.of("a", Kind.PAIR)), "http", "https");
        put(new Program("", false, Map.of("p", Kind.ATTACHED)),
                "mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlshow", "mariadb", "mariadb-dump",
                "mariadb-admin");
        put(new Program("", false, Map.of("p", Kind.WHOLE)),
                "mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport");
        put(new Program("", false, Map.of("P", Kind.WHOLE)), "zip", "unzip", "sqlcmd");
        put(new Program("x", false, Map.of("w", Kind.WHOLE)),
                "ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami");
        put(new Program("", false, Map.of("a", Kind.WHOLE)), "redis-cli");
        put(new Program("v", true, Map.of("p", Kind.WHOLE)), "sshpass");
        // Its own letters are others.
        put(new Program("", false, Map.of()), "ssh", "scp", "sftp", "rsync");
    }

    private final byte[] bytes;
    private Program program;
    /** Where its line ends. */
    private int to;

    SecretCommand(byte[] bytes) {
        this.bytes = bytes;
    }

    private static void put(Program program, String... names) {
        for (String name : names) {
            PROGRAMS.put(name, program);
        }
    }

    /** Looks at a word: at a program, or at an option of the last one, whose secret it says; or null. */
    Span look(int at, int end) {
        boolean option = Span.at(bytes, at) == '-' && program != null && at < to;
        if (end - at > WORD_BYTES_MAX && !option) {
            return null;
        }
        Program own = option || NEXT.indexOf(Span.at(bytes, end)) < 0
                ? null
                : PROGRAMS.get(Span.text(bytes, at, end).toLowerCase(Locale.ROOT));
        if (own != null) {
            program = own;
            to = at >= to ? line(end) : to;
            return null;
        }
        Span found = option ? option(at, end) : null;
        program = found != null && program.once ? null : program;
        return found;
    }

    /** Where the line ends, with those that follow it after a backslash. */
    private int line(int from) {
        int limit = Math.min(bytes.length, from + COMMAND_BYTES_MAX);
        int at = from;
        while (at < limit && bytes[at] != '\r' && bytes[at] != '\n') {
            boolean goesOn = bytes[at] == '\\' && at + 1 < limit && (bytes[at + 1] == '\r' || bytes[at + 1] == '\n');
            boolean two = goesOn && bytes[at + 1] == '\r' && at + 2 < limit && bytes[at + 2] == '\n';
            at += two ? 3 : goesOn ? 2 : 1;
        }
        return at;
    }

    private Span option(int at, int end) {
        Kind kind = end - at > WORD_BYTES_MAX ? null : program.options.get(Span.text(bytes, at, end));
        int start = end;
        for (int letter = at + 1; kind == null && letter < end; letter++) {
            kind = program.options.get(String.valueOf((char) bytes[letter]));
            start = letter + 1;
            if (kind == null && program.flags.indexOf(bytes[letter]) < 0) {
                return null;
            }
        }
        if (kind == null) {
            return null;
        }
        boolean apart = start == end && kind != Kind.ATTACHED;
        start = apart ? Span.skip(bytes, start, " =\t") : start;
        Quote quote = Quote.at(bytes, start);
        if (quote == null && (start == end || apart && Span.at(bytes, start) == '-')) {
            return null;
        }
        int from = quote == null ? start : quote.after;
        return part(from, quote == null ? Span.until(bytes, start, ENDS) : quote.closing(bytes), kind);
    }

    private Span part(int from, int end, Kind kind) {
        if (kind == Kind.WHOLE || kind == Kind.ATTACHED) {
            return isPorts(from, end) ? null : new Span(from, end);
        }
        int mark = Span.find(bytes, from, end, new byte[] {(byte) (kind == Kind.COOKIE ? '=' : ':')});
        return mark < 0 ? null : new Span(mark + 1, end);
    }

    /** What a container's ports are given as, with the same letter as a password: {@code -p 3306:3306}. */
    private boolean isPorts(int from, int end) {
        boolean colon = false;
        for (int at = from; at < end; at++) {
            colon |= bytes[at] == ':';
            if (!Span.isDigit(bytes[at]) && (bytes[at] != ':' || at == from)) {
                return false;
            }
        }
        return colon;
    }

    /** What is secret of an option's value. */
    private enum Kind {
        /** What follows its colon. */
        PAIR,
        WHOLE,
        /** All of it if there is no blank before it. */
        ATTACHED,
        /** What follows the name of the first cookie. */
        COOKIE,
    }

    private static final class Program {
        /** Letters that may stand before an option's. */
        private final String flags;
        /** Whether others with the same letters are another program's. */
        private final boolean once;
        private final Map<String, Kind> options;

        private Program(String flags, boolean once, Map<String, Kind> options) {
            this.flags = flags;
            this.once = once;
            this.options = options;
        }
    }
}
