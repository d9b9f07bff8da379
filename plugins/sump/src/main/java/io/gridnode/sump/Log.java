package io.gridnode.sump;

/** Where a plug-in says what people should know: the tool's own log, or the agent's report file. Must not throw. */
public interface Log {
    /** What was done. */
    void info(String text);

    /** What was wrong, where, and what to do. */
    void warn(String text);
}
