package io.flood.selenium;

/** One finished transaction, as it is reported. Times in ms; what is not known is null. */
final class Sample {
    final String label;
    final boolean passed;
    final double responseMs;
    Integer code;
    Double firstByteMs;
    Double connectMs;
    String error;

    Sample(String label, boolean passed, double responseMs) {
        this.label = label;
        this.passed = passed;
        this.responseMs = responseMs;
    }
}
