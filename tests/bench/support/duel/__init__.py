"""The parts of `tests/bench/duel`."""
