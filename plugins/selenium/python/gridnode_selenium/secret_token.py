"""Tokens of well-known services, which tell by how they begin: `ghp_…`, `xoxb-…`; and the passwords of Oracle's URLs."""

import re
from typing import Iterator

from .secret_quote import Span

# How a token begins, what is in it, and how much.
KINDS = (
    (rb"(?:sk|rk)_(?:live|test)_", rb"[0-9A-Za-z_]", 8),
    (rb"gh[opsur]_", rb"[0-9A-Za-z]", 8),
    (rb"github_pat_", rb"[0-9A-Za-z_]", 8),
    (rb"glpat-", rb"[0-9A-Za-z_\-.]", 8),
    (rb"xox[abceprs]-|xapp-", rb"[0-9A-Za-z\-]", 8),
    (rb"xoxd-", rb"[0-9A-Za-z\-%_/+]", 8),
    (rb"AIza", rb"[0-9A-Za-z_\-]", 35),
    (rb"sk-(?:proj|ant|svcacct|admin|or-v1)-", rb"[0-9A-Za-z_\-]", 8),
    (rb"sk-", rb"[0-9A-Za-z]", 20),
    (rb"whsec_", rb"[0-9A-Za-z_/+=]", 8),
    (rb"GOCSPX-|1//0", rb"[0-9A-Za-z_\-]", 20),
    (rb"hv[bsr]\.", rb"[0-9A-Za-z_\-]", 20),
    (rb"hf_", rb"[0-9A-Za-z]", 30),
    (rb"pypi-AgE", rb"[0-9A-Za-z_\-]", 8),
    (rb"npm_", rb"[0-9A-Za-z]", 36),
    (rb"A[KS]IA", rb"[0-9A-Z]", 16),
    (rb"SG\.(?=[0-9A-Za-z_\-]{22}\.)", rb"[0-9A-Za-z_\-.]", 66),
    (rb"dop_v1_", rb"[0-9A-Za-z]", 64),
    (rb"shpat_", rb"[0-9A-Za-z]", 32),
    (rb"ya29\.", rb"[0-9A-Za-z_\-.]", 20),
    (rb"ek_(?:live|test)_", rb"[0-9A-Za-z_]", 8),
    (rb"(?:seti|pi|cs|src)_[0-9A-Za-z]{8,64}_secret_", rb"[0-9A-Za-z]", 8),
    (rb"shp(?:ss|ca|pa)_|key-", rb"[0-9A-Za-z]", 32),
    (rb"sq0(?:csp|atp|idp)-", rb"[0-9A-Za-z_\-]", 20),
    (rb"EAAA", rb"[0-9A-Za-z_\-]", 56),
    (rb"access_token\$(?:production|sandbox)\$", rb"[0-9A-Za-z$]", 16),
    (rb"gl(?:ptt|dt|rt|cbt|ft|soat)-", rb"[0-9A-Za-z_\-.]", 20),
    (rb"(?:NRAK|PMAK|AGE-SECRET-KEY)-", rb"[0-9A-Za-z\-]", 20),
    (rb"lin_api_|rnd_", rb"[0-9A-Za-z]", 20),
    (rb"sntry[su]_", rb"[0-9A-Za-z_/+=]", 20),
    (rb"ATATT3x", rb"[0-9A-Za-z_\-=]", 20),
    (rb"gsk_|r8_", rb"[0-9A-Za-z]", 30),
    (rb"figd_|dckr_pat_|tfp_", rb"[0-9A-Za-z_\-]", 20),
)
# Of a token that is cut.
CUT_BYTES_MIN = 8
# No token begins within a word, but after what is encoded or escaped.
BEFORE = rb"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
TOKEN = re.compile(
    BEFORE
    + rb"(?:"
    + b"|".join(b"(?:%b)(?:%b{%d,}|%b{%d,}\\Z)" % (start, part, count, part, min(count, CUT_BYTES_MIN)) for start, part, count in KINDS)
    + rb")"
)
# A JSON Web Token: three parts in base64, the first of which is JSON; of five the second may be empty. In two, so that none is read
# again from where others might begin in it.
WEB = re.compile(BEFORE + rb"eyJ[0-9A-Za-z_\-]{5,}")
WEB_REST = re.compile(rb"\.(?:[0-9A-Za-z_\-]{8,}\.|\.[0-9A-Za-z_\-]*\.[0-9A-Za-z_\-]*\.)[0-9A-Za-z_\-.]*")
HOOK = re.compile(rb"hooks\.slack\.com(?:/|\\/|%2[Ff])services(?:/|\\/|%2[Ff])((?:[0-9A-Za-z]|/|\\/|%2[Ff])+)")
# Telegram's, in the URL of a bot; and of a web hook of Discord's.
BOT = re.compile(rb"/bot[0-9]{6,12}(?::|%3[Aa])([0-9A-Za-z_\-]{20,})")
DISCORD = re.compile(rb"/webhooks/[0-9]{6,24}/([0-9A-Za-z_\-]{20,})")
# With the user before the password, which no mark tells from it but the first.
ORACLE = re.compile(rb"jdbc:oracle:thin:[0-9A-Za-z_\-.%$#]{1,128}/([^ \t\r\n\"'<>\\]+)")


def tokens(data: bytes) -> Iterator[Span]:
    """Those of a text."""
    for found in TOKEN.finditer(data):
        yield found.span()
    found = WEB.search(data)
    while found:
        more = WEB_REST.match(data, found.end())
        if more:
            yield found.start(), more.end()
        # Another one may begin in each of its parts.
        found = WEB.search(data, more.end() if more else found.end())
    for kind in (HOOK, BOT, DISCORD):
        for found in kind.finditer(data):
            yield found.span(1)
    for found in ORACLE.finditer(data):
        start, end = found.span(1)
        host = data.rfind(b"@", start, end)
        if host >= 0 or end == len(data):
            yield start, host if host >= 0 else end
