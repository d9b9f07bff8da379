package io.gridnode.sump.trace;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RedactorTest {
    private static final int SHORT_CHARS = 4 << 10;
    private static final int CHARS = 16 << 10;
    private static final int LONG_CHARS = 128 << 10;
    /** Of a time from one of them to the next: eight times as much is linear, 64 times quadratic. */
    private static final long GROWTH_MAX = 24;
    private static final int TRIES = 4;
    private static final String[] PIECES = {
        "password", "name", "input", "value", "&quot;", "\\u0022", "&#x2F;", "type=", "<", ">", "/", ":", "=", "\"", "'", "\\", "{", "}", "[", "]", "eyJ", "4111", "ü€", " ", "\r\n", "%3D",
        "form-data; name=", "Assertion", "Bearer ", "<![CDATA[", "--", "😀", "-", "&", "token", "‹redacted:39b5›", "‹redacted:", "›",
        "{\"name\":\"password\",", "\"value\":\"", "{\"key\":\"", ",", "content", "<textarea name=pin>", "</textarea>", "<td>pin</td><td>",
        "<td>", "</td>", "<dt>", "<dd>", "<b>", "%3Ftoken%3D", "%253D", "%26", "%22", "%3A", "://", "user:", "@host/", "curl -u ",
        "&lt;", "&gt;", "\\u003c", "\\u003e", "<key>pin</key>", "<string>", "<name>", "</name>", "\n", "\n  ", ": |\n  ", "- name: pin\n", "  value: ",
        "code=", "abcdefgh1234", "&state=", "grant_type", "pin,a\n",
        "password=", "&scope=", "&amp;a=", "ghp_", "AKIA", "hooks.slack.com/services/", "jdbc:oracle:thin:a/", "--password ", "pin [",
        "pin\t", "define('", "ticket=", "{\"path\":\"/", "\"type\":\"", "\"\"\"", "<!--", "-->", "X-Key", "пароль",
    };

    private final Object examples = examples();
    private final Redactor redactor;

    RedactorTest() {
        List<String> names = new ArrayList<>();
        for (Object name : (List<?>) Json.get(examples, "names")) {
            names.add((String) name);
        }
        redactor = new Redactor(TraceSettings.key((String) Json.get(examples, "key")), names);
    }

    private static Object examples() {
        return read("/trace/redaction.json");
    }

    private static Object read(String resource) {
        try (var in = RedactorTest.class.getResourceAsStream(resource)) {
            return Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theExamplesOfBothSidesHold() {
        List<?> texts = (List<?>) Json.get(examples, "texts");
        assertTrue(texts.size() > 30);
        for (Object example : texts) {
            assertEquals(Json.get(example, "out"), redactor.text((String) Json.get(example, "in")));
            assertEquals(Json.get(example, "out"), redactor.text((String) Json.get(example, "out")), "what is hidden already stays");
        }
        for (Object example : (List<?>) Json.get(examples, "headers")) {
            String name = (String) Json.get(example, "name");
            assertEquals(Json.get(example, "out"), redactor.header(name, (String) Json.get(example, "in")), name);
        }
    }

    @Test
    void whatMayBePartOfASecretAtACutIsDropped() {
        for (Object example : (List<?>) Json.get(examples, "cuts")) {
            assertEquals(Json.get(example, "out"), CutText.whole((String) Json.get(example, "in")));
        }
    }

    @Test
    void whatIsNoTextMayHaveASecretInIt() {
        for (String text : new String[] {"\n\bpassword\u0012\u0006canary\u00ff", "\u00ff\u0010 4111111111111111\u0001"}) {
            assertTrue(redactor.mayBeIn(text), text);
        }
        assertFalse(redactor.mayBeIn("\u00ff\u0001 pin \u0002 name\u0003value"));
    }

    @Test
    void aSecretIsGoneWhereverItStands() {
        String secret = "hunter2Hunter";
        for (String around : new String[] {
            "password=S&a=b", "\"password\":\"S\",\"a\":1", "\\\"password\\\":\\\"S\\\"", "<password>S</password>",
            "form-data; name=\"secret\"\r\n\r\nS\r\n--x", "Authorization: Bearer S\r\n", "X-Api-Key: S\n", "password=S",
        }) {
            String shown = redactor.text("before\n" + around.replace("S", secret) + "\nafter");
            assertFalse(shown.contains(secret), shown);
            assertTrue(shown.contains("‹redacted:") && shown.endsWith("after"), shown);
            assertEquals(shown, redactor.text(shown), "it is left as it is the second time");
        }
    }

    @Test
    void aForgedPlaceHolderHidesNothing() {
        for (String forged : new String[] {"‹redacted:abcd›", "‹redacted:ABCD›", "‹redacted:", "‹redacted:abcd", "‹redacted:abcde›"}) {
            for (String around : new String[] {"password=S&a=b", "Cookie: S\n", "{\"pin\":\"S\"}", "Bearer S ", "<token>S</token>"}) {
                String shown = redactor.text(around.replace("S", forged + "hunter2hunter2"));
                assertFalse(shown.contains("hunter2"), shown);
            }
        }
    }

    @Test
    void stringsThatNeverEndAreNotReadAgainAndAgain() {
        for (String word : new String[] {
            "{\"a\":\"", "[\"{", "{\"value\":{", "[\\", "{\"a\":'{\"b\":\"{", "{value:\\\"", "[\"", "{a:&quot;{", "{'a':'\\'{", "{",
        }) {
            byte[] bytes = Span.utf8(word.repeat((64 << 10) / word.length()));
            SecretPairs pairs = new SecretPairs(bytes, new SecretNames(List.of()));
            assertTrue(pairs.bytesReadInStrings() <= 6L * bytes.length, word);
        }
    }

    @Test
    void whatIsNotLookedAtMayBeSecret() {
        // Strings within strings, more often than they are read.
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            text.append("{a:").append("\\".repeat((1 << i) - 1)).append('"');
        }
        byte[] bytes = Span.utf8(text.append("{value: s3cret}").toString());
        SecretPairs pairs = new SecretPairs(bytes, new SecretNames(List.of()));
        assertTrue(pairs.bytesReadInStrings() > 4L * bytes.length && pairs.bytesReadInStrings() <= 6L * bytes.length);
        assertTrue(pairs.secrets.stream().anyMatch(span -> span.from == text.indexOf("s3cret")));
    }

    @Test
    void anyTextIsSurvived() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int pieces = random.nextInt(40); pieces > 0; pieces--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            String shown = redactor.text(text.toString());
            assertFalse(shown.contains("\uFFFD"), text::toString);
            assertEquals(shown, redactor.text(shown), text::toString);
            redactor.header(text.toString(), text.toString());
            for (String name : new String[] {"Cookie", "Set-Cookie", "Authorization", "Location"}) {
                String header = redactor.header(name, text.toString());
                assertEquals(header, redactor.header(name, header), text::toString);
            }
        }
    }

    /** Of each word that begins something that a rule reads on from, many times. */
    @Test
    @Timeout(value = 120, unit = SECONDS)
    void aLongTextOfNamesTakesNoTimeToSpeakOf() {
        List<String> words = new ArrayList<>();
        for (Object word : (List<?>) read("/trace/repeated.json")) {
            words.add((String) word);
            nanos((String) word, SHORT_CHARS);
        }
        List<String> grown = new ArrayList<>();
        for (String word : words) {
            // Of those that are to fail a long text takes more than five times as much as a short one, however often it is tried.
            long little = Long.MAX_VALUE;
            long some = Long.MAX_VALUE;
            for (int i = 0; i < TRIES && 2 * some > 9 * little || i == 0; i++) {
                little = Math.min(little, nanos(word, SHORT_CHARS));
                some = Math.min(some, nanos(word, CHARS));
            }
            if (2 * some <= 9 * little) {
                continue;
            }
            long much = nanos(word, LONG_CHARS);
            if (much > GROWTH_MAX * some && much > SECONDS.toNanos(1)) {
                grown.add(String.format("%s: %,d ns of %,d, %,d ns of %,d", word, some, CHARS, much, LONG_CHARS));
            }
        }
        assertEquals(List.of(), grown);
    }

    /** What a text of this word takes of this thread. */
    private long nanos(String word, int chars) {
        String text = word.repeat(chars / word.length());
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        redactor.text(text);
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start;
    }

    @Test
    void tagsThatNeverEndAreNotReadAgainAndAgain() {
        for (String word : new String[] {"<input ", "<input a=", "<input a='", "<input a=\"", "<input a=\\\"<meta "}) {
            byte[] bytes = Span.utf8(word.repeat((64 << 10) / word.length()));
            SecretTags tags = new SecretTags(bytes, new SecretNames(List.of()));
            int at = 0;
            while (at < bytes.length) {
                int end = at;
                while (end < bytes.length && SecretPlace.isName(bytes[end])) {
                    end++;
                }
                if (end > at) {
                    tags.look(at, end);
                }
                at = end + 1;
            }
            assertTrue(tags.bytesReadAgain() <= 2 * bytes.length, word);
        }
    }
}
