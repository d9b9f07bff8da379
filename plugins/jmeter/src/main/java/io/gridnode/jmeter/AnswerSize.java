package io.gridnode.jmeter;

import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.util.JMeterUtils;

/** The true size of an answer, of which JMeter may have kept a part. What it counts of HTTP is what came over the wire. */
final class AnswerSize {
    /** Of an answer's beginning; JMeter, too, reads it once. */
    private static final String KEPT = "httpsampler.max_bytes_to_store_per_request";

    /** Not above 0: all of it. */
    private final int keptBytesMax;

    AnswerSize() {
        keptBytesMax = JMeterUtils.getJMeterProperties() == null ? 0 : JMeterUtils.getPropDefault(KEPT, 0);
    }

    /** Bytes of what is there, or more than those where it is not all. */
    long of(SampleResult result) {
        byte[] data = result.getResponseData();
        if (!HttpPart.isHttp(result)) {
            // Counted together with what is within.
            return result.getSubResults().length == 0 ? result.getBodySizeAsLong() : 0;
        }
        if (data == null || keptBytesMax <= 0 || data.length < keptBytesMax) {
            return data == null ? 0 : data.length;
        }
        String headers = result.getResponseHeaders();
        long told = told(headers);
        if (isPacked(headers) || told < 0 && result.getSubResults().length > 0) {
            // Nobody has counted how much more it is.
            return data.length + 1L;
        }
        return told >= 0 ? told : result.getBodySizeAsLong();
    }

    private static boolean isPacked(String headers) {
        String encoding = HttpPart.header(headers, "Content-Encoding");
        return encoding != null && !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
    }

    /** By the answer itself, or -1. */
    private static long told(String headers) {
        String length = HttpPart.header(headers, "Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
