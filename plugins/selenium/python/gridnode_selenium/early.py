"""Users that came to an end before the run did."""

from dataclasses import dataclass
from typing import List

from .options import Options

NAMED_MAX = 5


@dataclass(frozen=True)
class Early:
    """One of them: its number, how long after the beginning of the run, and why."""

    user: int
    after_s: float
    why: str


def is_early(options: Options, after_s: float, iterations: int) -> bool:
    """Whether a user was to go on: a tenth before the end is not early, for none of them ends to the second."""
    if options.iterations is not None and iterations >= options.iterations:
        return False
    if options.duration_s is not None:
        return after_s < options.duration_s * 0.9
    return options.iterations is not None


def early_text(early: List[Early], options: Options) -> str:
    """A sentence: how many they were, and of the first ones who, when and why."""
    first = sorted(early, key=lambda one: one.after_s)
    of = f" of {options.duration_s}" if options.duration_s is not None else ""
    if len(early) == options.users:
        last = first[-1]
        return f"the plan ended itself after {last.after_s:.0f}{of} s: {_names(first)}"
    return f"{len(early)} of {options.users} users ended before their time: {_names(first)}"


def _names(early: List[Early]) -> str:
    told = [f"user {one.user} after {one.after_s:.0f} s: {one.why}" for one in early[:NAMED_MAX]]
    return "; ".join(told) + ("; …" if len(early) > NAMED_MAX else "")
