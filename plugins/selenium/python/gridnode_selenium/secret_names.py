"""Names that secrets have: the usual ones and those of the configuration."""

import re
from functools import lru_cache
from typing import Iterable

# As `plain` writes them.
NAMES = frozenset(
    "auth authentication authenticationinfo cardno cardnumber ccnumber cookies credentials creditcard csrf cvc cvc2 cvv cvv2 iban "
    "jsessionid jwt key otp pan pan4 pass pass1 pass2 passcode phpsessid pin proxyauthenticationinfo samlart samlrequest samlresponse "
    "session setcookie2 sid sig ssn tokens xauth xcsrf xsession xsrf xxsrf adminpass dbpass loginpass newpass oldpass userpass "
    "codeverifier devicecode idtokenhint usercode senha haslo geheim clave "
    "mfacode verificationcode onetimecode totp smscode oauthverifier pw psw userpw "
    "pwdconfirm strpass securityanswer secretanswer clientassertion samlassertion xmsclientprincipal xamznoidcdata".split()
)
# What other names of secrets end in, but for digits.
ENDINGS = tuple(
    "password passwd passphrase pwd secret token apikey sessionid privatekey secretkey accesskey authkey subscriptionkey authorization "
    "credential signature cookie securitycode pincode passwordconfirm passwordconfirmation passwordrepeat passwordagain passwords "
    "secrets apikeys accesskeys accesstokens authtokens idtokens refreshtokens sessiontokens "
    "secretkeybase encryptionkey accountkey masterkey signingkey storagekey sharedkey passwort kennwort "
    "contrasena motdepasse wachtwoord losenord".split()
)
# Those with letters of other languages, as `full` writes them.
OTHER_NAMES = frozenset("contraseña lösenord hasło пароль 密码 パスワード".split())
# What the names of secret headers end in, and those that end so and are no secrets, but for `X-`.
HEADER_WORDS = frozenset("key token secret otp pin jwt ticket password credential signature session".split())
HEADERS_SHOWN = frozenset("idempotencykey requestkey cachekey surrogatekey partitionkey".split())
HEADER_MARKS = re.compile(r"[\-_.]")
OWN_HEADER = "x-"
# Elements of XML that are secret as a whole.
ELEMENTS = frozenset((b"Assertion", b"EncryptedAssertion", b"BinarySecurityToken", b"SignatureValue"))
# Longer words are no names.
CHARS_MAX = 128
OWN = "data-"
ENCODED = re.compile(r"%([0-9A-Fa-f+][0-9A-Fa-f])")
OTHERS = re.compile(r"[^0-9A-Za-z]+")
CHARACTER = re.compile(rb"%([0-9A-Fa-f]{2})")
# What is no letter or digit of ASCII, nor a character of another language; as to those punctuation is told by its block alone.
NO_LETTERS = re.compile("[^0-9A-Za-z\u00c0-\u1fff\u2070-\ufffc\U00010000-\U0010ffff]+")
KNOWN_MAX = 4_096


def plain(name: str) -> str:
    """A name in small letters and digits alone, percent signs read: `X-Api-Key` and `api%5Fkey` are one."""
    read = ENCODED.sub(lambda found: chr(int(found.group(1).lstrip("+"), 16)), name)
    return OTHERS.sub("", read).lower()


def full(name: str) -> str:
    """The same with the letters of other languages."""
    data = name.encode("utf-8", "replace")
    read = CHARACTER.sub(lambda found: bytes((int(found.group(1), 16),)), data).decode("utf-8", "replace")
    return NO_LETTERS.sub("", read).lower()


class SecretNames:
    """`more`: names beside the usual ones."""

    def __init__(self, more: Iterable[str]):
        self._more = (OTHER_NAMES | frozenset(full(name) for name in more)) - {""}
        # A page has few words, many times.
        self.is_secret = lru_cache(KNOWN_MAX)(self._is_secret)

    def _is_secret(self, name: str) -> bool:
        if len(name) > CHARS_MAX:
            return False
        # `data-sid`: an attribute of the page's own.
        return self._is_one(name) or (name[: len(OWN)].lower() == OWN and self._is_one(name[len(OWN) :]))

    def _is_one(self, name: str) -> bool:
        usual = plain(name)
        if usual in NAMES or usual.rstrip("0123456789").endswith(ENDINGS) or full(name) in self._more:
            return True
        return name[: len(OWN_HEADER)].lower() == OWN_HEADER and is_header(name)


def is_header(name: str) -> bool:
    """Whether a header of this name has a secret: `X-Functions-Key`."""
    usual = plain(name)
    shown = usual[1:] if usual.startswith("x") else usual
    return plain(HEADER_MARKS.split(name)[-1]) in HEADER_WORDS and shown not in HEADERS_SHOWN
