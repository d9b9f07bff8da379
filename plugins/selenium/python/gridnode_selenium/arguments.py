"""The argument file of a JVM."""

import os
from pathlib import Path

from .options import Options

# As the `java` program reads it: a backslash takes the meaning of what follows.
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


def write_arguments(options: Options, path: Path) -> Path:
    """Options of a JVM in a file for its owner only: parameters may be secret, and every user reads command lines."""
    words = [f"-Xmx{options.heap_mib}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    # Its file in /tmp has the arguments in it, and outlives a JVM that is killed.
    words += ["-XX:-UsePerfData"]
    words += [f"-Djava.io.tmpdir={options.temporary_dir}"]
    words += [f"-D{name}={value}" for name, value in options.params.items()]
    words += ["-cp", options.class_path]
    text = "".join(quoted(word) + "\n" for word in words)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return path


def quoted(text: str) -> str:
    """One argument in the file."""
    if "\0" in text:
        # Its value may be secret.
        raise ValueError(f"{text.partition('=')[0]!r:.100} has a NUL character in its value: no program can be given one")
    return '"' + "".join(ESCAPES.get(c, c) for c in text) + '"'
