package io.gridnode.jmeter;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import org.apache.jmeter.samplers.SampleResult;

/** What a result says in its data, where it has no other words: a Java Request does so whose class is missing. */
final class FirstLine {
    /** More is cut off a reason anyway. */
    private static final int BYTES_MAX = 1 << 10;

    private FirstLine() {}

    /** The first line that is not blank, or an empty text. */
    static String of(SampleResult result) {
        byte[] data = dataOf(result);
        if (data == null || !isText(result)) {
            return "";
        }
        String text = new String(data, 0, Math.min(data.length, BYTES_MAX), charset(result));
        return text.lines().map(String::trim).filter(line -> !line.isEmpty()).findFirst().orElse("");
    }

    /** What a plug-in's class throws here is said of its trace; the sample counts all the same. */
    private static byte[] dataOf(SampleResult result) {
        try {
            return result.getResponseData();
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static boolean isText(SampleResult result) {
        return !SampleResult.BINARY.equals(result.getDataType());
    }

    private static Charset charset(SampleResult result) {
        String name = result.getDataEncodingNoDefault();
        try {
            return name == null || name.isEmpty() ? StandardCharsets.UTF_8 : Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }
}
