"""The runner's exit codes. The agent has a sentence for most; with the others, the report has one."""

FINE = 0
# An error of the runner itself.
BROKEN = 1
PLAN = 3
BROWSER = 4
CRASH_LOOP = 5
NO_TRANSACTION = 6
# Users went on after the end, and were ended by force.
UNENDED = 7
