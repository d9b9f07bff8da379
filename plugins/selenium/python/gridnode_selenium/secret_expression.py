"""Expressions of JMeter and Gatling that went out as they are written, because nothing had given them a value: `${token}`,
`${__uuid()}`, `#{token}`. They are no secrets, and to see them is what a trace is for.
"""

import re

EXPRESSION = (
    rb"(?:\$|#|%24|%23)(?:\{|%7[Bb])[A-Za-z_][0-9A-Za-z_.\-]{0,63}"
    rb"(?:(?:\(|%28)(?:[0-9A-Za-z_.,/+ \-]|%2[CcFf0]){0,64}(?:\)|%29))?(?:\}|%7[Dd])"
)
# What stands for a value that was not found: JMeter's extractors have it as their default.
DEFAULT = rb"(?<![0-9A-Za-z_}])(?:NOT_?FOUND|NV_[A-Z_]{1,32}|null|undefined|none|None)(?![0-9A-Za-z_\-.])"
ONE = re.compile(EXPRESSION + rb"|" + DEFAULT)
# What may stand before them: the scheme of a token.
SCHEME = rb"(?i:bearer|basic|digest|negotiate|ntlm|aws4-hmac-sha256|token|apikey|key|oauth)[ \t+]+"
# Expressions, also as values of a form's fields, and what ends a value.
WHOLE = re.compile(rb"(?:" + SCHEME + rb")?(?:(?:[A-Za-z_.\-]{1,32}=)?(?:" + EXPRESSION + rb"|" + DEFAULT + rb")|[,;:.)\]}>\"'\\& \t\r\n])+")
# Bytes of a value that is looked at.
VALUE_BYTES_MAX = 1_024


def is_expression(data: bytes, start: int, end: int) -> bool:
    """Whether a value is wholly one, or several, but for what may stand around them. What follows it may be the end of the last."""
    whole = WHOLE.match(data, start) if end - start <= VALUE_BYTES_MAX else None
    if not whole or whole.end() < end:
        return False
    first = ONE.search(data, start, whole.end())
    return first is not None and first.start() < end
