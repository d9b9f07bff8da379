"""Names that secrets have: the usual ones and those of the configuration."""

import re
from functools import lru_cache
from typing import Iterable

# As `plain` writes them.
NAMES = frozenset(
    "auth authorization proxyauthorization authentication apikey xapikey key accesskey cookie setcookie credential credentials csrf "
    "xsrf cvc cvv cvv2 cardnumber creditcard cardno ccnumber iban jsessionid jwt otp pan pass passcode passphrase passwd password "
    "phpsessid pin pwd samlart samlrequest samlresponse secret session sessionid sid sig ssn token".split()
)
# What other names of secrets end in.
ENDINGS = tuple(
    "password passwd passphrase secret token apikey sessionid privatekey secretkey accesskey credential signature cookie".split()
)
# Elements of XML that are secret as a whole.
ELEMENTS = frozenset((b"Assertion", b"EncryptedAssertion", b"BinarySecurityToken", b"SignatureValue"))
# Longer words are no names.
CHARS_MAX = 128
OWN = "data-"
ENCODED = re.compile(r"%([0-9A-Fa-f+][0-9A-Fa-f])")
OTHERS = re.compile(r"[^0-9A-Za-z]+")
KNOWN_MAX = 4_096


def plain(name: str) -> str:
    """A name in small letters and digits alone, percent signs read: `X-Api-Key` and `api%5Fkey` are one."""
    read = ENCODED.sub(lambda found: chr(int(found.group(1).lstrip("+"), 16)), name)
    return OTHERS.sub("", read).lower()


class SecretNames:
    """`more`: names beside the usual ones."""

    def __init__(self, more: Iterable[str]):
        self._more = frozenset(plain(name) for name in more) - {""}
        # A page has few words, many times.
        self.is_secret = lru_cache(KNOWN_MAX)(self._is_secret)

    def _is_secret(self, name: str) -> bool:
        if len(name) > CHARS_MAX:
            return False
        # `data-sid`: an attribute of the page's own.
        return self._is_plain(plain(name)) or (name[: len(OWN)].lower() == OWN and self._is_plain(plain(name[len(OWN) :])))

    def _is_plain(self, name: str) -> bool:
        return name in NAMES or name.endswith(ENDINGS) or name in self._more
