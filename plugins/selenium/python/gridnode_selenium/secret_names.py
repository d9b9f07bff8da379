"""Names that secrets have: the usual ones and those of the configuration."""

import re
from functools import lru_cache
from typing import Iterable

from .secret_fold import fold
from .secret_weak import NAMES as WEAK_NAMES, Kind, fits
from .secret_word import is_pass, is_weak, is_word, last_word, part

# As `plain` writes them.
NAMES = frozenset(
    "auth authentication authenticationinfo cardno cardnumber ccnumber cookies credentials creditcard csrf cvc cvc2 cvv cvv2 iban "
    "jsessionid jwt otp pan4 pass1 pass2 passcode phpsessid pin proxyauthenticationinfo samlart samlrequest samlresponse "
    "session setcookie2 sid sig ssn tokens xauth xcsrf xsession xsrf xxsrf adminpass dbpass loginpass newpass oldpass userpass "
    "codeverifier devicecode idtokenhint usercode senha haslo geheim clave "
    "mfacode verificationcode onetimecode totp smscode oauthverifier pw psw userpw "
    "bearer passw wresult pwdconfirm strpass securityanswer secretanswer clientassertion samlassertion xmsclientprincipal xamznoidcdata signatureprovided "
    "appkey jwtkey wpnonce grecaptcharesponse hcaptcharesponse cfturnstileresponse xshopifyhmacsha256".split()
)
# What other names of secrets end in, but for digits.
ENDINGS = tuple(
    "password passwd passphrase pwd secret token apikey sessionid privatekey secretkey accesskey authkey subscriptionkey authorization "
    "credential signature cookie securitycode pincode passwordconfirm passwordconfirmation passwordrepeat passwordagain passwords "
    "secrets apikeys accesskeys accesstokens authtokens idtokens refreshtokens sessiontokens "
    "secretkeybase encryptionkey accountkey masterkey signingkey storagekey sharedkey passwort kennwort "
    "contrasena motdepasse wachtwoord losenord "
    "pswd sessionkey servicekey authcode authorizationcode authheader basicauth cvccode cvvcode otpcode ccnum ccnumber cardnumber "
    "verificationcode socialsecuritynumber "
    "2facode mfacode tfacode twofactorcode twofactorauthenticationcode authenticatorcode backupcode recoverycode verifycode "
    "paymentmethodnonce".split()
)
# What is made of a secret, or says how it is written: `passwordHash`, `privateKeyPem`.
FORMS = ("hash", "digest", "salt", "value", "pem")
# Those with letters of other languages, as `full` writes them.
OTHER_NAMES = frozenset("contraseña lösenord hasło пароль 密码 パスワード".split())
# What the names of secret headers end in, and those that end so and are no secrets, but for `X-`.
HEADER_WORDS = frozenset("key token secret otp pin jwt ticket password credential signature session".split())
HEADERS_SHOWN = frozenset("idempotencykey requestkey cachekey surrogatekey partitionkey".split())
HEADER_MARKS = re.compile(r"[\-_.]")
OWN_HEADER = "x-"
# What the cookies of ASP.NET Core begin with, but for that of the language: `.AspNetCore.Cookies`.
ASP = "aspnetcore"
ASP_CULTURE = "aspnetcoreculture"
# Elements of XML that are secret as a whole.
ELEMENTS = frozenset((b"Assertion", b"EncryptedAssertion", b"BinarySecurityToken", b"SignatureValue"))
# Longer words are no names.
CHARS_MAX = 128
# A shorter name of the configuration is looked for as a whole only: it would be a part of too many others.
PART_CHARS_MIN = 4
OWN = "data-"
ENCODED = re.compile(r"%([0-9A-Fa-f+][0-9A-Fa-f])")
OTHERS = re.compile(r"[^0-9A-Za-z]+")
CHARACTER = re.compile(rb"%([0-9A-Fa-f]{2})")
# What is no letter or digit of ASCII, nor a character of another language; as to those punctuation is told by its block alone.
NO_LETTERS = re.compile("[^0-9A-Za-z\u00c0-\u1fff\u2070-\ufffc\U00010000-\U0010ffff]+")
KNOWN_MAX = 4_096


def plain(name: str) -> str:
    """A name in small letters and digits alone, percent signs read: `X-Api-Key` and `api%5Fkey` are one."""
    return OTHERS.sub("", read(name)).lower()


def read(name: str) -> str:
    """With percent signs read."""
    return ENCODED.sub(lambda found: chr(int(found.group(1).lstrip("+"), 16)), name) if "%" in name else name


def full(name: str) -> str:
    """The same with the letters of other languages."""
    data = name.encode("utf-8", "replace")
    read = CHARACTER.sub(lambda found: bytes((int(found.group(1), 16),)), data).decode("utf-8", "replace")
    return NO_LETTERS.sub("", read).lower()


class SecretNames:
    """`more`: names beside the usual ones."""

    def __init__(self, more: Iterable[str]):
        own = frozenset(full(name) for name in more) - {""}
        self._more = OTHER_NAMES | own
        # Those that are long enough to be looked for within a name.
        self._parts = tuple(name for name in own if len(name) >= PART_CHARS_MIN)
        # A page has few words, many times.
        self.kind = lru_cache(KNOWN_MAX)(self._kind)

    def is_secret(self, name: str) -> bool:
        """Whether what has this name may be secret."""
        return self.kind(name) is not Kind.NONE

    def fits(self, name: str, value: bytes) -> bool:
        """Whether this value of it is."""
        kind = self.kind(name)
        return kind is Kind.SECRET or (kind is not Kind.NONE and fits(kind, value.decode("utf-8", "replace")))

    def _kind(self, name: str) -> Kind:
        if len(name) > CHARS_MAX:
            return Kind.NONE
        # `data-sid`: an attribute of the page's own.
        own = name[len(OWN) :] if name[: len(OWN)].lower() == OWN else ""
        kind = self._of(name)
        return self._of(own) if own and kind is Kind.NONE else kind

    def _of(self, name: str) -> Kind:
        usual = plain(name)
        stem = usual.rstrip("0123456789")
        if usual in NAMES or stem.endswith(ENDINGS) or _is_form(stem) or self._is_more(full(name)):
            return Kind.SECRET
        if usual.startswith(ASP) and name.startswith(".") and usual != ASP_CULTURE:
            return Kind.SECRET
        if name[: len(OWN_HEADER)].lower() == OWN_HEADER and is_header(name):
            return Kind.SECRET
        kind = WEAK_NAMES.get(usual)
        return kind or (self._encoded(name) if "%" in name else self._by_word(name))

    def _is_more(self, name: str) -> bool:
        return name in self._more or any(part in name for part in self._parts)

    def _encoded(self, name: str) -> Kind:
        """Of one with percent signs, which may be of characters that stand for others."""
        data = CHARACTER.sub(lambda found: bytes((int(found.group(1), 16),)), name.replace("+", " ").encode("utf-8", "replace"))
        decoded = data.decode("utf-8", "replace")
        meant = fold(decoded)
        return self._of(meant) if meant != decoded else self._by_word(read(name))

    def _by_word(self, name: str) -> Kind:
        own = part(name)
        if own is not None:
            return self._of(own)
        word = last_word(name)
        if is_word(word) or is_pass(word):
            return Kind.SECRET
        return Kind.TOKEN if is_weak(word) else Kind.NONE


def _is_form(stem: str) -> bool:
    return stem.endswith(FORMS) and any(stem.endswith(form) and stem[: -len(form)].endswith(ENDINGS) for form in FORMS)


def is_header(name: str) -> bool:
    """Whether a header of this name has a secret: `X-Functions-Key`."""
    usual = plain(name)
    shown = usual[1:] if usual.startswith("x") else usual
    return plain(HEADER_MARKS.split(name)[-1]) in HEADER_WORDS and shown not in HEADERS_SHOWN
