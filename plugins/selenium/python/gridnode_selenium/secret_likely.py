"""Whether a word is a value, where a word of a sentence or of a path may stand as well.

It has six bytes or more, and a run of letters with digits in it that is as long (`hunter2`, `a1b2c3`) and no word of the field
(`sha256`), version (`v2beta1`) or count with its unit (`8chars`); or a mark that words have not within them (`Pa$$word`). Letters
alone are a word, for what is lower case may be any. What ends like a file or a host is none.
"""

import re

BYTES_MIN = 6
BYTES_MAX = 256
RUN = re.compile(rb"[0-9A-Za-z]+")
DIGIT = re.compile(rb"[0-9]")
LETTER = re.compile(rb"[A-Za-z]")
# A mark between letters or digits.
MARKED = re.compile(rb"[0-9A-Za-z][!$#^*]+(?=[0-9A-Za-z])")
# What a file's or a host's name ends in.
PLACE = re.compile(rb"\.[a-z]{2,5}\Z")
TERMS = frozenset(
    b"aes128 aes192 aes256 argon2 argon2d argon2i argon2id base32 base58 base64 base64url blake2b blake2s chacha20 curve25519 ed25519 "
    b"log4j2 oauth2 office365 pbkdf2 pkcs12 poly1305 python2 python3 ripemd160 secp256k1 sha224 sha256 sha384 sha512 x25519".split()
)
VERSION = re.compile(rb"[vV][0-9]")
COUNT = re.compile(
    rb"[0-9]{1,3}(?:attempts|bits?|bytes?|char|characters|chars|days?|digits?|hours?|letters|min|mins|minutes|seconds|times|weeks|years)",
    re.IGNORECASE,
)


def is_likely(word: bytes) -> bool:
    """See the module's head."""
    if not BYTES_MIN <= len(word) <= BYTES_MAX or PLACE.search(word):
        return False
    return has_run(word, BYTES_MIN) or bool(LETTER.search(word) and MARKED.search(word))


def has_run(word: bytes, bytes_min: int) -> bool:
    """Whether there are so many letters with digits in one piece, and no term."""
    runs = (run for run in RUN.findall(word) if len(run) >= bytes_min)
    return any(DIGIT.search(run) and LETTER.search(run) and not _is_term(run) for run in runs)


def _is_term(run: bytes) -> bool:
    return bool(run.lower() in TERMS or VERSION.match(run) or COUNT.fullmatch(run))
