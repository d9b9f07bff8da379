"""Names of several words, `api key: s3cret`, `mot de passe: s3cret`, also with a form's sign for a blank: `api+key=s3cret`."""

import re
from typing import Optional

from .secret_names import SecretNames
from .secret_weak import Kind

# What such names end in; every other word is left at that.
LASTS = frozenset(
    b"again answer assertion auth card code confirm confirmation hash header id key keys number pass passe phrase repeat tokens verifier "
    b"word pw".split()
)
# Words before the last one, and what has the one before a word.
WORDS_MAX = 3
BEFORE = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Za-z]{1,16}[ +]\Z")
BEFORE_BYTES_MAX = 18


def phrase(data: bytes, at: int, end: int, names: SecretNames) -> Optional[int]:
    """Where the name begins whose last word is from `at` to `end`, if all of it is a secret's."""
    if at == 0 or data[at - 1] not in b" +" or data[at:end].lower() not in LASTS:
        return None
    start = at
    for _ in range(WORDS_MAX):
        from_ = max(0, start - BEFORE_BYTES_MAX)
        before = BEFORE.search(data[from_:start])
        if not before:
            return None
        start = from_ + before.start()
        if names.kind(data[start:end].decode("ascii")) is Kind.SECRET:
            return start
    return None
