package io.gridnode.jmeter;

import org.apache.jmeter.samplers.SampleResult;

/** Redirects and embedded resources: HTTP results within an HTTP result, which are parts of that request. */
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

    private HttpPart() {}

    static boolean isPart(SampleResult child, SampleResult parent) {
        return IS_HTTP.get(parent.getClass()) && IS_HTTP.get(child.getClass());
    }
}
