"""What error traces there are: read from the environment, as the plug-ins in Java do."""

from dataclasses import dataclass
from pathlib import Path
from typing import List, Mapping, Optional

from .secret_names import full

# So that a wrong number cannot fill a disk.
PER_WINDOW_MAX = 10_000
WINDOW_S_MAX = 3_600
SLOWER_MS_MAX = 2**31 - 1


@dataclass(frozen=True)
class TraceSettings:
    """`slower_ms`: None: slow successes have none."""

    dir: Path
    key: bytes
    per_label: int
    per_window: int
    window_s: int
    slower_ms: Optional[int]
    # Names of secrets beside the usual ones.
    secrets: List[str]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Optional["TraceSettings"]:
        """None where no traces are wanted; an error says which variable is wrong and what it must be."""
        directory = environment.get("GRIDNODE_TRACE_DIR", "")
        key = environment.get("GRIDNODE_TRACE_KEY", "").strip()
        if not directory or not key:
            return None
        slower_ms = _number(environment, "GRIDNODE_TRACE_SLOWER_MS", 0, SLOWER_MS_MAX, -1)
        names = [name.strip() for name in environment.get("GRIDNODE_TRACE_SECRETS", "").split(",") if name.strip()]
        for name in names:
            if not full(name):
                raise ValueError(f'the variable GRIDNODE_TRACE_SECRETS must be names that have a letter or a digit, not "{name}"')
        return cls(
            dir=Path(directory),
            key=_bytes(key),
            per_label=_number(environment, "GRIDNODE_TRACES_PER_LABEL", 0, PER_WINDOW_MAX, 5),
            per_window=_number(environment, "GRIDNODE_TRACES_PER_WINDOW", 0, PER_WINDOW_MAX, 100),
            window_s=_number(environment, "GRIDNODE_WINDOW_S", 1, WINDOW_S_MAX, 15),
            slower_ms=None if slower_ms < 0 else slower_ms,
            secrets=names,
        )


def _bytes(key: str) -> bytes:
    try:
        return bytes.fromhex(key)
    except ValueError:
        # What it is must not be in a log.
        raise ValueError("the variable GRIDNODE_TRACE_KEY must be bytes in base 16, two digits each") from None


def _number(environment: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    raise ValueError(f'the variable {name} must be a number from {least} to {most}, not "{text}"')
