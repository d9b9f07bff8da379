"""A reader of line protocol, written for the tests alone: what it says must not come from the code under test."""


class Point:
    """One line: measurement, tags and fields as dicts, timestamp in ns."""

    def __init__(self, measurement, tags, fields, time_ns):
        self.measurement, self.tags, self.fields, self.time_ns = measurement, tags, fields, time_ns

    @property
    def identity(self):
        return self.measurement, tuple(sorted(self.tags.items())), self.time_ns


def parse(text):
    return [parse_line(line) for line in text.split("\n") if line]


def parse_line(line):
    head, rest = _cut(line, " ")
    fields_text, stamp = _cut_fields(rest)
    measurement, *tags = _split(head, ",")
    fields = {}
    for pair in _split(fields_text, ",", quotes=True):
        key, value = _cut(pair, "=")
        fields[_unescape(key)] = _value(value)
    return Point(
        _unescape(measurement),
        {_unescape(key): _unescape(value) for key, value in (_cut(tag, "=") for tag in tags)},
        fields,
        int(stamp) if stamp else None,
    )


def _value(text):
    if text.startswith('"'):
        assert text.endswith('"') and len(text) > 1, f"a string without its end: {text!r}"
        return _unescape(text[1:-1], '"\\')
    if text in ("t", "T", "true", "True", "TRUE"):
        return True
    if text in ("f", "F", "false", "False", "FALSE"):
        return False
    return int(text[:-1]) if text.endswith("i") else float(text)


def _unescape(text, special=",= \\"):
    out, i = [], 0
    while i < len(text):
        if text[i] == "\\" and i + 1 < len(text) and text[i + 1] in special:
            i += 1
        out.append(text[i])
        i += 1
    return "".join(out)


def _positions(text, wanted, quotes=False):
    inside, i = False, 0
    while i < len(text):
        if text[i] == "\\":
            i += 1
        elif quotes and text[i] == '"':
            inside = not inside
        elif text[i] == wanted and not inside:
            yield i
        i += 1


def _split(text, separator, quotes=False):
    parts, start = [], 0
    for at in _positions(text, separator, quotes):
        parts.append(text[start:at])
        start = at + 1
    return [*parts, text[start:]]


def _cut(text, separator):
    at = next(_positions(text, separator), None)
    assert at is not None, f"no {separator!r} in {text!r}"
    return text[:at], text[at + 1 :]


def _cut_fields(text):
    at = next(_positions(text, " ", quotes=True), None)
    return (text, "") if at is None else (text[:at], text[at + 1 :])
