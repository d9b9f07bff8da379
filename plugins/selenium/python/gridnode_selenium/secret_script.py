"""What stands for a value in a program's text: ``Authorization: `Bearer abc` ``, `token = saved || "abc"`, `password: string = "abc"`,
`auth=("bob", "abc")`. What only refers to one stays: `token = request.headers['Authorization']`, `login(password: $password)`.
"""

import re
from typing import NamedTuple, Optional, Tuple

from .secret_names import SecretNames, plain
from .secret_quote import Span, closing, literal, quote

# Between a name, which may be quoted or an index, and what stands for its value.
SIGN = re.compile(rb"[ \t]*(:(?!:)|=(?![=>]))[ \t]*")
# Of a text between back quotes, of a condition, and of what a function is called with.
BYTES_MAX = 4_096
SCHEME = re.compile(rb"(?:bearer|basic|token|digest|apikey)[ \t]+", re.IGNORECASE)
INSERTED = re.compile(rb"\$\{[0-9A-Za-z_.$()\[\]]*\}\Z")
PATH = rb"[A-Za-z_$][0-9A-Za-z_$]{0,63}(?:\??\.[A-Za-z_$][0-9A-Za-z_$]{0,63}){0,7}"
# `saved || "abc"`, `saved ? "abc" : null`
CHOICE = re.compile(PATH + rb"[ \t]*(\|\||\?\?|\?)[ \t]*")
ELSE = re.compile(rb"[ \t]*:[ \t]*")
CHOICE_END = re.compile(rb"[ \t]*(?:[,;)}\r\n<]|\\[nr]|\Z)")
# A type, what may stand beside it, and what comes after all; and one of a variable of GraphQL.
TYPE = re.compile(
    rb"(?:string|String|str|bytes|any|unknown|number|boolean|null|undefined|SecretStr|\[String!?\]|Optional\[str\])!?(?:\[\])?"
    rb"(?:[ \t]*\|[ \t]*(?:string|null|undefined|None)){0,3}"
)
OWN_TYPE = re.compile(rb"[A-Z][0-9A-Za-z]{0,63}!")
# `Promise<Token> {`
GENERIC = re.compile(rb"[A-Za-z]<\Z")
GENERIC_END = re.compile(rb"(?:\[\])?>[ \t]*(?:\{[ \t\r\n]|;|=>)")
# An element whose name is like a secret's, and has others in it.
USERNAME = b"UsernameToken"
ELEMENTS = re.compile(rb"[^<>&\\]{0,512}(?:>|&gt;|\\u003e)[ \t\r\n]{0,64}(?:<|&lt;|\\u003c)")
TYPE_END = re.compile(rb"[ \t]*([=]|[),;{}\r\n]|\\[nr]|\Z)[ \t]*")
TYPE_NEXT = re.compile(rb"[ \t]*\\?[\"'][ \t]*[,}]")
# The next variable of GraphQL.
VARIABLE_NEXT = re.compile(rb"[ \t]*\$")
# What refers to a value, with what follows it: of a statement, of a container, of a function without arguments.
PLACE = re.compile(rb"(?:\$[0-9]{1,3}|\?)(?=[ \t\r\n,;)]|\Z)")
ITEM = re.compile(PATH + rb"\[(?::[A-Za-z_]{1,64}|(\\?[\"'])[0-9A-Za-z_\-.:]{1,64}\1)\]")
CALLED = re.compile(PATH + rb"\(\)(?=[ \t\r\n,;)}<]|\Z)")
# `await getToken()`, `new Token(x)`
MADE = re.compile(rb"(?:await|new)[ \t]+" + PATH + rb"\([A-Za-z_$., \t]{0,64}\)")
DOTTED = re.compile(
    rb"(?:[A-Za-z_]{1,32}\.){1,6}([A-Za-z_]{1,32})(?=[,;)}])"
    rb"|(?:app|args|body|config|ctx|data|env|os|options|params|process|props|req|request|self|session|settings|state|this|user)\.(?:[A-Za-z_]{1,32}\.){0,5}([A-Za-z_]{1,32})(?=[ \t\r\n]|\Z)"
)
NAMED = re.compile(rb"[:@]([A-Za-z_]{1,64})(?=[ \t\r\n,;)]|\Z)")
VARIABLE = re.compile(rb"\$[A-Za-z_][0-9A-Za-z_]{0,63}(?=[ \t]*[)}]|[, \t]+[A-Za-z_][0-9A-Za-z_]{0,63}[ \t]*:)")
ARGUMENT = re.compile(rb"([A-Za-z_]{1,64})(?=[ \t]*[,)])")
# Bytes before an argument in which what is called stands.
CALL_BYTES_MAX = 256
CALL = re.compile(rb"[0-9A-Za-z_]\([^()]*\Z")
# Two of something: a user and a password. Their names end so.
PAIRS = ("auth", "authentication", "credentials")
PAIR = re.compile(rb"(?:[A-Za-z_.]{1,64})?\([ \t\r\n]*")
NEXT = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
REFERRED = re.compile(rb"\([ \t]*" + PATH + rb"[ \t]*,[ \t]*" + PATH + rb"[ \t]*\)")
# What a signature is made of: `sig1=("@method" "@path")`.
COMPONENTS = b'("@'


class Found(NamedTuple):
    """What stands for a value, which may be nothing that is secret."""

    span: Optional[Span]


NOTHING = Found(None)


def script(data: bytes, at: int, end: int, names: SecretNames) -> Optional[Found]:
    """What stands for the value of a secret's name from `at` to `end`, if this is a program's text."""
    if _is_type(data, at, end):
        return NOTHING
    named = quote(data, end)
    after = named.after if named else end
    sign = SIGN.match(data, after + (named is not None and data.startswith(b"]", after)))
    if not sign:
        return None
    start, is_equals = sign.end(), sign.group(1) == b"="
    if data.startswith(b"`", start):
        return _template(data, start + 1)
    if named and not is_equals:
        # What a quoted name has is JSON, unless it is chosen.
        return _chosen(data, start)
    if is_equals and (PLACE.match(data, start) or data.startswith(COMPONENTS, start)):
        return NOTHING
    typed = _typed(data, at, start) if not is_equals else None
    return typed or _chosen(data, start) or _referred(data, at, end, start, is_equals, names) or (_pair(data, at, end, start) if is_equals else None)


def _template(data: bytes, start: int) -> Optional[Found]:
    to = data.find(b"`", start, start + BYTES_MAX)
    if to < 0:
        return None
    scheme = SCHEME.match(data, start, to)
    first = scheme.end() if scheme else start
    return NOTHING if INSERTED.match(data[first:to]) else Found((first, to))


def _string(data: bytes, at: int) -> Optional[Tuple[int, int, int]]:
    """A string that begins there: its text, and what is after it."""
    opening = quote(data, literal(data, at))
    if not opening:
        return None
    part = data[opening.after : opening.after + BYTES_MAX]
    to = opening.after + closing(part, opening._replace(after=0))
    close = quote(data, to)
    return opening.after, to, close.after if close else to


def _chosen(data: bytes, start: int) -> Optional[Found]:
    choice = CHOICE.match(data, start)
    string = _string(data, choice.end()) if choice and quote(data, choice.end()) else None
    if not choice or not string:
        return None
    first, to, after = string
    other = ELSE.match(data, after)
    if choice.group(1) == b"?":
        if not other:
            # It may be the end of an address, and of its attribute.
            return None
        second = _string(data, other.end()) if quote(data, other.end()) else None
        return Found((first, second[1] if second else to))
    return Found((first, to)) if CHOICE_END.match(data, after) else None


def _is_type(data: bytes, at: int, end: int) -> bool:
    if data[at:end] == USERNAME and ELEMENTS.match(data, end):
        return True
    return GENERIC_END.match(data, end) is not None and GENERIC.search(data, max(0, at - 2), at) is not None


def is_program(data: bytes, at: int) -> bool:
    """Whether what begins there is a program's, in a text that looks like a form: `saved||"abc"`, `useAuth()`."""
    return CALLED.match(data, at) is not None or _chosen(data, at) is not None


def _typed(data: bytes, at: int, start: int) -> Optional[Found]:
    is_variable = data.startswith(b"$", at)
    kind = TYPE.match(data, start) or (OWN_TYPE.match(data, start) if is_variable else None)
    if not kind:
        return None
    end = TYPE_END.match(data, kind.end())
    if not end:
        is_next = TYPE_NEXT.match(data, kind.end()) or (is_variable and VARIABLE_NEXT.match(data, kind.end()))
        return NOTHING if is_next else None
    string = _string(data, end.end()) if end.group(1) == b"=" else None
    return Found(string[:2]) if string else NOTHING


def _referred(data: bytes, at: int, end: int, start: int, is_equals: bool, names: SecretNames) -> Optional[Found]:
    if ITEM.match(data, start) or (is_equals and (CALLED.match(data, start) or MADE.match(data, start))):
        return NOTHING
    dotted = DOTTED.match(data, start)
    if dotted and names.is_secret((dotted.group(1) or dotted.group(2)).decode("ascii")):
        return NOTHING
    # `token = :token`
    own = NAMED.match(data, start) if is_equals else None
    if own and own.group(1) == data[at:end]:
        return NOTHING
    same = ARGUMENT.match(data, start)
    is_one = same and same.group(1) == data[at:end] if is_equals else VARIABLE.match(data, start)
    return NOTHING if is_one and CALL.search(data, max(0, at - CALL_BYTES_MAX), at) else None


def _pair(data: bytes, at: int, end: int, start: int) -> Optional[Found]:
    pair = PAIR.match(data, start) if plain(data[at:end].decode("ascii", "replace")).endswith(PAIRS) else None
    if not pair:
        return None
    if REFERRED.match(data, start):
        return NOTHING
    first = _string(data, pair.end())
    comma = NEXT.match(data, first[2]) if first else None
    second = _string(data, comma.end()) if comma else None
    return Found(second[:2]) if second else None
