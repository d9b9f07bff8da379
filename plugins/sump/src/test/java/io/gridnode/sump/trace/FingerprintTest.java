package io.gridnode.sump.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The agent's own examples (agent/core/src/base/fingerprint.rs). */
class FingerprintTest {
    private static final String[][] EXAMPLES = {
        {"Script17.groovy: 3: unable to resolve", "Script#.groovy: #: unable to resolve"},
        {"timed out after 1502 ms, 3.5 s", "timed out after # ms, #.# s"},
        {"no order 5f0c1f9e-7a33-4d1b-9b7e-0242ac120002 here", "no order # here"},
        {"java.lang.Object@1b6d3586 is gone", "java.lang.Object@# is gone"},
        {"session aZ3kQ91fLmPq02Xz7 has ended", "session # has ended"},
        {"connect to https://Shop-17.example.com:8443/cart/9 failed", "connect to https://#:#/cart/# failed"},
        {"shop.example.com/10.0.0.7:443: refused", "#/#:#: refused"},
        {"java.net.SocketTimeoutException: Read timed out", "java.net.SocketTimeoutException: Read timed out"},
        {"JSR223PostProcessor1 is added to the facade", "JSR#PostProcessor# is added to the facade"},
        {"Käse 12 für 3 €", "Käse # für # €"},
        {"expected: \"a\" but was: \"b\"", "expected: \"a\" but was: \"b\""},
        {"", ""},
    };

    @Test
    void numbersIdsAndHostsDoNotCount() {
        for (String[] example : EXAMPLES) {
            assertEquals(example[1], Fingerprint.of(example[0]));
            assertEquals(example[1], Fingerprint.of(example[1]), "it is its own");
        }
    }
}
