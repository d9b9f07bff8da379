"""Words after a colon that say why, or how it is, and are no secret: `token: missing`, `Invalid JWT: Signed JWT rejected`,
`cannot fetch token: 400 Bad Request`. Of a password any word may be one.
"""

import re

from .secret_names import plain

NAMES = ("token", "jwt", "session", "signature", "authorization", "authentication", "auth", "cookie", "credentials", "apikey")
# Headers that have words of their own before a secret.
HEADERS = ("authorization", "authentication", "auth", "cookie")
STATE = re.compile(
    rb"(?:missing|expired|denied|invalid|required|revoked|unknown|none|empty|rejected|malformed|disabled|enabled|absent|unauthorized|"
    rb"forbidden|failed|blocked|mismatch|valid|ok)[ \t]*(?:[\r\n.,;:)\]}\"'<\\]|\Z)",
    re.IGNORECASE,
)
# Another name, as errors have it that are told through others: `oauth2: `; and a status.
OTHER = re.compile(rb"(?:[A-Za-z][a-z]{1,20}[0-9]?:[ \t]|[1-5][0-9]{2}[ \t]+[A-Z][a-z])")
SENTENCE = re.compile(rb"(?!(?:Bearer|Basic|Digest|Negotiate|Token|Apikey|Oauth)[ \t])[A-Z][a-z]{2,20}[ \t]{1,4}[A-Za-z]{2,20}(?![0-9A-Za-z_\-.=+/~])")


def is_why(data: bytes, at: int, end: int, start: int) -> bool:
    """Whether it is what begins at `start`, of a name from `at` to `end`."""
    if not (STATE.match(data, start) or OTHER.match(data, start) or SENTENCE.match(data, start)):
        return False
    name = plain(data[at:end].decode("utf-8", "replace"))
    if not name.endswith(NAMES) or data[at : at + 2].lower() == b"x-":
        return False
    return not name.endswith(HEADERS) or not SENTENCE.match(data, start)
