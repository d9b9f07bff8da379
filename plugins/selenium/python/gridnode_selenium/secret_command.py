"""Secrets that are options of programs, whatever these are named: `curl -u user:pass`, `mysql -ps3cret`, `sshpass -p s3cret`; and
the words of a `.netrc`: `machine h login bob password s3cret`.
"""

import re
from enum import Enum
from typing import Dict, Iterator, NamedTuple, Optional

from .secret_quote import Span, closing, quote

# From a program to an option of it, which may be in another line after a backslash.
COMMAND_BYTES_MAX = 4_096
COMMAND = re.compile(rb"(?:[^\r\n\\]+|\\(?:\r\n|\r|\n)?)*")
GAP = re.compile(rb"[ =\t]*")
NEXT = b" \t\"'\\"
OPTION_END = re.compile(rb"[ \t\r\n\"'\\<>]|\Z")
# What a container's ports are given as, with the same letter as a password.
PORTS = re.compile(rb"[0-9]+:[0-9:]*\Z")
# Where a machine's words begin, and how many pairs of them are read.
MACHINE = re.compile(rb"\b(?:machine(?:[ \t\r\n]|\\[nrt])+[^ \t\r\n\"'\\<]{1,256}|default)(?=[ \t\r\n\\])")
PAIR = re.compile(rb"(?:[ \t\r\n]|\\[nrt]){1,256}(login|user|account|password)(?:[ \t\r\n]|\\[nrt]){1,256}([^ \t\r\n\"'\\<]{1,256})")
PAIRS_MAX = 4


class Kind(Enum):
    """What is secret of an option's value: what follows its colon; all of it; all of it if there is no blank before it; or what
    follows the name of the first cookie."""

    PAIR = 0
    WHOLE = 1
    ATTACHED = 2
    COOKIE = 3


class Program(NamedTuple):
    """Its letters that may stand before an option's, and its options; `once`: whether others with the same letters are another's."""

    flags: bytes
    options: Dict[bytes, Kind]
    once: bool = False


CURL = Program(
    b"#0123456fgGijIJklLMnNOpqRsSvVZ",
    {
        b"u": Kind.PAIR,
        b"U": Kind.PAIR,
        b"--user": Kind.PAIR,
        b"--proxy-user": Kind.PAIR,
        b"b": Kind.COOKIE,
        b"--oauth2-bearer": Kind.WHOLE,
    },
)
HTTP = Program(b"hbvIjfFdcqS", {b"a": Kind.PAIR})
MYSQL = Program(b"", {b"p": Kind.ATTACHED})
MONGO = Program(b"", {b"p": Kind.WHOLE})
ZIP = Program(b"", {b"P": Kind.WHOLE})
PROGRAMS = {
    b"curl": CURL,
    b"http": HTTP,
    b"https": HTTP,
    **dict.fromkeys(b"mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mariadb mariadb-dump mariadb-admin".split(), MYSQL),
    **dict.fromkeys(b"mongo mongosh mongodump mongorestore mongoexport mongoimport".split(), MONGO),
    **dict.fromkeys(b"zip unzip sqlcmd".split(), ZIP),
    **dict.fromkeys(b"ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami".split(), Program(b"x", {b"w": Kind.WHOLE})),
    b"redis-cli": Program(b"", {b"a": Kind.WHOLE}),
    b"sshpass": Program(b"v", {b"p": Kind.WHOLE}, once=True),
    # Its own letters are others.
    **dict.fromkeys(b"ssh scp sftp rsync".split(), Program(b"", {})),
}


class SecretCommand:
    """The one that a text is in, as far as it was looked at."""

    def __init__(self, data: bytes):
        self._data = data
        self._program: Optional[Program] = None
        # Where its line ends.
        self._to = 0

    def look(self, at: int, end: int) -> Optional[Span]:
        """Looks at a word: at a program, or at an option of the last one, whose secret it says."""
        data = self._data
        word = data[at:end]
        program = PROGRAMS.get(word.lower()) if data[end : end + 1] in NEXT else None
        if program:
            self._program = program
            if at >= self._to:
                self._to = COMMAND.match(data, end, end + COMMAND_BYTES_MAX).end()
            return None
        if not self._program or at >= self._to or not word.startswith(b"-"):
            return None
        found = self._option(at, end)
        if found and self._program.once:
            self._program = None
        return found

    def _option(self, at: int, end: int) -> Optional[Span]:
        data, options = self._data, self._program.options
        kind, start = options.get(data[at:end]), end
        letter = at + 1
        while not kind and letter < end:
            kind, start = options.get(data[letter : letter + 1]), letter + 1
            if not kind and data[letter] not in self._program.flags:
                return None
            letter += 1
        if not kind:
            return None
        is_apart = start == end and kind is not Kind.ATTACHED
        start = GAP.match(data, start).end() if is_apart else start
        opening = quote(data, start)
        if opening:
            start, to = opening.after, closing(data, opening)
        elif start == end or (is_apart and data[start : start + 1] == b"-"):
            return None
        else:
            to = OPTION_END.search(data, start).start()
        return _part(data, start, to, kind)


def _part(data: bytes, start: int, to: int, kind: Kind) -> Optional[Span]:
    if kind in (Kind.WHOLE, Kind.ATTACHED):
        return None if PORTS.match(data[start:to]) else (start, to)
    mark = data.find(b"=" if kind is Kind.COOKIE else b":", start, to)
    return (mark + 1, to) if mark >= 0 else None


def netrc(data: bytes) -> Iterator[Span]:
    """The passwords of a text's machines."""
    for machine in MACHINE.finditer(data):
        at, words = machine.end(), {}
        for _ in range(PAIRS_MAX):
            pair = PAIR.match(data, at)
            if not pair:
                break
            words[pair.group(1)], at = pair.span(2), pair.end()
        if b"login" in words and b"password" in words:
            yield words[b"password"]
