package io.gridnode.jmeter;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.BiConsumer;
import org.apache.jmeter.samplers.SampleResult;

/** HTTP results, among them redirects and embedded resources: within an HTTP result they are parts of that request. */
final class HttpPart {
    /** By name, and once a class: JMeter's HTTP is a plug-in like any other, which a home need not have. */
    private static final ClassValue<Boolean> IS_HTTP = new ClassValue<Boolean>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            for (Class<?> at = type; at != null; at = at.getSuperclass()) {
                if (at.getName().equals("org.apache.jmeter.protocol.http.sampler.HTTPSampleResult")) {
                    return true;
                }
            }
            return false;
        }
    };

    private static final ClassValue<MethodHandle> METHOD = getter("getHTTPMethod");
    private static final ClassValue<MethodHandle> COOKIES = getter("getCookies");
    private static final ClassValue<MethodHandle> BODY = getter("getQueryString");

    private HttpPart() {}

    static boolean isPart(SampleResult child, SampleResult parent) {
        return isHttp(parent) && isHttp(child);
    }

    static boolean isHttp(SampleResult result) {
        return IS_HTTP.get(result.getClass());
    }

    /** Of an HTTP result. */
    static String method(SampleResult result) {
        return text(METHOD, result);
    }

    /** Those that were sent, as one header has them. */
    static String cookies(SampleResult result) {
        return text(COOKIES, result);
    }

    /** What was sent after the headers: JMeter calls it a query. */
    static String body(SampleResult result) {
        return text(BODY, result);
    }

    /** Of its answer, or 0 when there is none. */
    static int status(SampleResult result) {
        String code = result.getResponseCode();
        boolean number = code != null && code.length() == 3 && code.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Integer.parseInt(code) : 0;
    }

    /** JMeter has them as they came, with the status line before them. */
    static void headers(String text, BiConsumer<String, String> header) {
        if (text == null) {
            return;
        }
        for (String line : text.split("\r?\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.lastIndexOf(' ', colon) < 0) {
                header.accept(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        }
    }

    /** The first of this name, or null. */
    static String header(String text, String wanted) {
        String[] found = {null};
        headers(text, (name, value) -> found[0] = found[0] == null && name.equalsIgnoreCase(wanted) ? value : found[0]);
        return found[0];
    }

    private static String text(ClassValue<MethodHandle> getter, SampleResult result) {
        try {
            return (String) getter.get(result.getClass()).invoke(result);
        } catch (Throwable e) {
            throw new IllegalStateException("an HTTP result that cannot be read", e);
        }
    }

    private static ClassValue<MethodHandle> getter(String name) {
        return new ClassValue<MethodHandle>() {
            @Override
            protected MethodHandle computeValue(Class<?> type) {
                try {
                    return MethodHandles.publicLookup().findVirtual(type, name, MethodType.methodType(String.class));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("JMeter's HTTP has no " + name, e);
                }
            }
        };
    }
}
