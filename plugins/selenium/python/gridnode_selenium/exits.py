"""The runner's exit codes. The agent has a sentence for each."""

FINE = 0
PLAN = 3
BROWSER = 4
CRASH_LOOP = 5
NO_TRANSACTION = 6
