import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Sketches between gridnode and Java's HdrHistogram.
 *
 * <pre>
 * CheckJava check < vectors     one line a vector: "ok NAME" or "FAILED NAME: why"
 * CheckJava make                histograms encoded by Java, one JSON object a line
 * </pre>
 */
public final class CheckJava {
    private static final long HIGHEST_US = 3_600_000_000L;

    public static void main(String[] args) throws Exception {
        switch (args.length == 1 ? args[0] : "") {
            case "check" -> check();
            case "make" -> make();
            default -> {
                System.err.println("usage: CheckJava check|make");
                System.exit(2);
            }
        }
    }

    private static void check() throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String name = field(line, "name", "\"([^\"]*)\"");
            List<String> wrong = new ArrayList<>();
            try {
                compare(line, wrong);
            } catch (Exception error) { // whatever the package throws is a finding about this vector
                wrong.add(error.toString());
            }
            System.out.println(wrong.isEmpty() ? "ok " + name : "FAILED " + name + ": " + String.join("; ", wrong));
        }
    }

    private static void compare(String line, List<String> wrong) throws Exception {
        byte[] bytes = Base64.getDecoder().decode(field(line, "v2", "\"([^\"]*)\""));
        Histogram histogram = Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
        expect(wrong, "lowest", 1, histogram.getLowestDiscernibleValue());
        expect(wrong, "highest", HIGHEST_US, histogram.getHighestTrackableValue());
        expect(wrong, "digits", 2, histogram.getNumberOfSignificantValueDigits());
        expect(wrong, "count", field(line, "count", "(\\d+)"), histogram.getTotalCount());
        expect(wrong, "buckets", field(line, "buckets", "(\\[.*?\\])(?:,\"|\\})"), buckets(histogram));
        if (histogram.getTotalCount() > 0) {
            comparePercentiles(line, histogram, wrong);
        }
    }

    private static void comparePercentiles(String line, Histogram histogram, List<String> wrong) {
        Matcher pair = Pattern.compile("\\[(\\d+),(\\d+)\\]").matcher(field(line, "percentiles", "(\\[.*?\\])(?:,\"|\\})"));
        while (pair.find()) {
            double percentile = Integer.parseInt(pair.group(1)) / 10.0;
            expect(wrong, "p" + percentile, pair.group(2), histogram.getValueAtPercentile(percentile));
        }
    }

    private static void expect(List<String> wrong, String what, Object wanted, Object found) {
        if (!String.valueOf(wanted).equals(String.valueOf(found))) {
            wrong.add(what + " is " + found + ", not " + wanted);
        }
    }

    /** The lines are this project's own, compact JSON: enough for a regular expression. */
    private static String field(String line, String key, String value) {
        Matcher matcher = Pattern.compile("\"" + key + "\":" + value).matcher(line);
        if (!matcher.find()) {
            throw new IllegalArgumentException("no " + key + " in " + line);
        }
        return matcher.group(1);
    }

    private static String buckets(Histogram histogram) {
        List<String> buckets = new ArrayList<>();
        for (HistogramIterationValue at : histogram.recordedValues()) {
            long highest = histogram.highestEquivalentValue(at.getValueIteratedTo());
            buckets.add("[" + highest + "," + at.getCountAtValueIteratedTo() + "]");
        }
        return "[" + String.join(",", buckets) + "]";
    }

    private static void make() {
        Histogram ordinary = new Histogram(1, HIGHEST_US, 2);
        emit("empty", ordinary);
        Random random = new Random(20);
        for (int n = 0; n < 20_000; n++) {
            ordinary.recordValue((long) Math.min(Math.exp(11.5 + random.nextGaussian()), HIGHEST_US));
        }
        emit("log-normal", ordinary);

        Histogram edges = new Histogram(1, HIGHEST_US, 2);
        for (int bits = 0; bits < 31; bits++) {
            edges.recordValue((1L << bits) - 1);
            edges.recordValue(1L << bits);
        }
        edges.recordValue(HIGHEST_US);
        emit("edges of powers of two", edges);

        Histogram wide = new Histogram(1, HIGHEST_US, 2);
        for (int bits = 0; bits < 60; bits++) {
            wide.recordValueWithCount(1L << (bits / 2), 1L << bits);
        }
        emit("counts up to 60 bits", wide);

        Histogram widest = new Histogram(1, HIGHEST_US, 2);
        widest.recordValueWithCount(77, (1L << 62) + 1);
        emit("a count that fills its ninth byte", widest);

        Histogram resized = new Histogram(2);
        resized.recordValue(60_000_000);
        resized.recordValue(77);
        emit("resized by itself", resized);

        Histogram longer = new Histogram(1, 24 * HIGHEST_US, 2);
        longer.recordValue(1_800_000_000L);
        emit("highest value of a day", longer);
    }

    private static void emit(String name, Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer, Deflater.BEST_COMPRESSION);
        print(name + ", compressed", histogram, buffer, length);
        buffer.clear();
        length = histogram.encodeIntoByteBuffer(buffer);
        print(name + ", plain", histogram, buffer, length);
    }

    private static void print(String name, Histogram histogram, ByteBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.get(0, bytes);
        System.out.printf(
                "{\"name\":\"%s\",\"v2\":\"%s\",\"count\":%d,\"buckets\":%s}%n",
                name, Base64.getEncoder().encodeToString(bytes), histogram.getTotalCount(), buckets(histogram));
    }
}
