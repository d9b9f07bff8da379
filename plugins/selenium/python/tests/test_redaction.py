"""Secrets in texts, by the rules of all three sides."""

import json
import random
import time
from pathlib import Path

import pytest

from gridnode_selenium.redact import Redactor
from gridnode_selenium.secret_cut import whole
from gridnode_selenium.secret_names import SecretNames
from gridnode_selenium.secret_pair import SecretPairs
from gridnode_selenium.secret_place import NAME
from gridnode_selenium.secret_tag import SecretTags
from gridnode_selenium.trace_settings import TraceSettings

EXAMPLES = Path(__file__).parents[3] / "sump/src/test/resources/trace/redaction.json"


def examples():
    document = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return Redactor(bytes.fromhex(document["key"]), document["names"]), [(one["in"], one["out"]) for one in document["texts"]]


def test_secrets_are_found_by_the_rules_of_all_sides():
    redactor, texts = examples()
    for text, wanted in texts:
        assert redactor.text(text) == wanted, text
        assert redactor.text(wanted) == wanted, "what is hidden already stays"


def test_what_may_be_part_of_a_secret_at_a_cut_is_dropped():
    for one in json.loads(EXAMPLES.read_text(encoding="utf-8"))["cuts"]:
        assert whole(one["in"]) == one["out"]


def test_a_name_without_letters_is_refused():
    environment = {"GRIDNODE_TRACE_DIR": "/tmp", "GRIDNODE_TRACE_KEY": "00", "GRIDNODE_TRACE_SECRETS": "Straße, --"}
    with pytest.raises(ValueError, match='letter or a digit, not "--"'):
        TraceSettings.read(environment)


def test_a_secret_is_gone_wherever_it_is_cut():
    redactor, texts = examples()
    for text, _ in texts:
        for at in range(len(text) + 1):
            redactor.text(text[:at])
            redactor.text(text[at:])
    assert "s3cr3t" not in redactor.text('{"a": "\ud800", "password": "s3cr3t')


LONG = (
    'form-data; name="a"\r\n\r\n',
    'form-data; name="pin"',
    "<Assertion>",
    "password:",
    '"password":{',
    "4111 ",
    "bearer ",
    "a:",
    "<input ",
    "<input a=",
    "<input a='",
    "<input name=pin value=",
    '<meta a=\\"',
    "<password a>",
    "token&quot;",
    "pin=&#x2F;",
    "\\",
    '"',
    "{",
    "[",
    "[\\",
    '["',
    '{"value":{',
    '{"value":"',
    '{"name":"password","value":"',
    "{\"a\":'{\"b\":\"{",
    "{a:&quot;{",
    "<textarea name=token ",
    "<textarea name=token>",
    "<select name=pin>",
    "<td>",
    "<td><b>",
    "<td>pin<td><",
    "<dt>pin</dt><dd>",
    "%25",
    "%3Ftoken%3D",
    "%22token%22",
    "://",
    "://a:b@",
    "curl -u '",
    "key=",
    "%3Dkey%3D",
    "form-data; name=\"key\"\r\n\r\n",
    "{\"kty\":\"",
    "pin=a,",
    "pass:a ",
    "pin:hover(",
    "--pin <pin>",
    "code:abcd grant_type\":",
    "cardCvv",
    "[pin=a,",
    "mysql -p",
    "curl -u ",
    "curl -sSu a:",
    "machine a login b ",
    "default login a password ",
    "default",
    "machine ",
    "curl\\\n",
    "sshpass -p a ",
    "http -a ",
    "<th>pin</th>",
    "<tr><th>pin</th></tr><tr><td>a</td></tr>",
    "<tr><td>",
    "<th>",
    "<th>a<th>pin<tr>",
    "|pin|a|\n|--|--|\n",
    "a|b\n---\n",
    "|",
    "| |-",
    "--\n",
    "|pin|\n--\n|a",
    "pin = a b\n",
    "pin=a b c",
    "[a]\npin = a b\nx=y\n",
    "pin=a b=",
    "=\n",
    "pin was: ",
    "pin is: a b ",
    "pin 'a",
    "pin 'a' ",
    "pin: Some(",
    "pin=Some(a",
    "pin</span>: <span>",
    "pin<span a>=\"",
    "pin<",
    "pin</span>",
    "{pin:a ",
    "{Pin:a b Token:c}",
    " Pin:a",
    "{ Pin:a",
    "{pin:a,b:",
    "&lt;pin&gt;<a>",
    "&lt;pin&gt;</span><span>a",
    "<item key=pin><value>a",
    "<item key=pin>\n",
    "<input autocomplete=one-time-code value=a>",
    "4111  ",
    "4111/",
    "4111–",
    "4111111111111111=",
    "4111\t1111\t",
    "4111%2F",
    "pin=a, b",
    "[pin] =&gt; ",
    "'Cookie: a=b",
    "pin==",
    "pin=‹redacted:",
    "=%41",
    "a=%3D%41&",
    "ü",
    "\\u0041",
    "\\u0070in={",
    '["pin",\\"',
    "-----BEGIN PRIVATE KEY-----",
    "<pin><a>",
    "Bearer++",
    "&lt;password ",
    "&lt;pin&gt;&lt;a&gt;",
    "\\u003cpin\\u003e&lt;",
    "<key>pin</key> ",
    "<key>pin</key><string>",
    "<name>a</name><value><a>",
    "pin:\n\n",
    "pin: |\n ",
    "pin:\n '",
    "pin:\n a: ",
    " - - -",
    'name: pin\nvalue: "\n',
    '"name": pin\n"value": {\n',
    "key: pin\nvalue:\n",
    "code=abcdefgh1234&",
    '"code":{',
    "<code><a>",
    'pin,a\n"',
    "pin\t",
    "pin;a\n;",
    "password=a;",
    "a&=",
    "&a=",
    "&amp;",
    "a=b&password=;",
    "\na:",
    "<password><!--",
    "<key a=b>pin</key> ",
    "sk_live_",
    "AKIA",
    "ghp_a-",
    "SG.",
    "hooks.slack.com/services/",
    "jdbc:oracle:thin:a/",
    '{"path":"/',
    '{"type":"',
    "--password ",
    "pin [",
    "pin\t\t",
    "define('pin','",
    "ticket=",
    "ticket=abcdefgh1234&",
    'pin:\\"\\"\\"',
    'pin:"""',
    "pin='''",
    "密码:",
    "X-A-",
    '{"loc":["pin",',
    '{"input":"',
    "jsonPath(pin).find",
    "css(a).find(",
    "path 'pin' expected '",
    "`pin` (`",
    "Key (pin)=(",
    "Key (a)=(",
    "Duplicate entry '",
    "pin: rejected value [",
    'put("pin","',
    'put("pin","a b",',
    '.setPin("',
    "pin in ('",
    "pin like 'a",
    "pin='a''",
    "pin='a''\n",
    'x["pin"]="',
    '["pin"]=>string(1) "',
    'rawHeaders:["',
    '"rawHeaders":["pin","a",',
    "('pin','",
    '(b"pin",',
    "Private-Lines:",
    "---- BEGIN SSH2 PRIVATE KEY ----",
    "/bot123456:",
    "/webhooks/123456/",
    "sk-",
    "1//0",
    "pin:[a",
    "Authorization: Aa ",
    "signature: a,b",
    "Cookie: a;\n ",
    "Cookie:\n",
    "/x?pin=a;",
    "?a=b&",
)


LONG_BYTES = 24 << 10


def took_s(text):
    redactor, _ = examples()
    start = time.perf_counter()
    redactor.text(text)
    return time.perf_counter() - start


@pytest.fixture(scope="module")
def plain_s():
    return took_s("plain " * (LONG_BYTES // 6))


@pytest.mark.parametrize("word", LONG)
def test_a_long_text_of_names_takes_no_time_to_speak_of(word, plain_s):
    text = word * (LONG_BYTES // len(word))
    assert took_s(text) < 50 * plain_s + 0.5, "quadratic would be thousands of times as long"


PIECES = (
    ["password", "token", "name", "key", "value", "content", "textarea", "td", "dt", "curl -u ", "eyJ", "4111", "Bearer ", "%3Ftoken%3D", "%253D"]
    + ["%26", "%22", "%3A", "://", "user:", "@host/", "&quot;", "&lt;", "\\u0022", '\\"', "<td>pin</td><td>", "<td>", "</td>", "<b>", "<textarea name=pin>"]
    + ["&gt;", "\\u003c", "\\u003e", "<key>pin</key>", "<string>", "<name>", "</name>", "\n", "\n  ", ": |\n  ", "- name: pin\n", "  value: "]
    + ["code=", "abcdefgh1234", "&state=", "grant_type", "pin,a\n"]
    + ["password=", "&scope=", "&amp;a=", "ghp_", "AKIA", "hooks.slack.com/services/", "jdbc:oracle:thin:a/", "--password ", "pin [", "pin\t", "define('"]
    + ["ticket=", '{"path":"/', '"type":"', '"""', "<!--", "-->", "X-Key", "пароль"]
    + ['{"name":"password",', '"value":"', '{"key":"', "‹redacted:39b5›", "‹redacted:", "›", "😀", "\r\n", "</", *"<>/:='\"\\{}[],;& -ü"]
)


def test_what_is_shown_is_shown_as_it_is():
    redactor, _ = examples()
    chance = random.Random(7)
    for _ in range(4_000):
        text = "".join(chance.choices(PIECES, k=chance.randrange(40)))
        shown = redactor.text(text)
        assert redactor.text(shown) == shown, text


@pytest.mark.parametrize("forged", ["‹redacted:abcd›", "‹redacted:ABCD›", "‹redacted:", "‹redacted:abcd", "‹redacted:abcde›"])
def test_a_forged_place_holder_hides_nothing(forged):
    redactor, _ = examples()
    for around in ("password=S&a=b", "Cookie: S\n", '{"pin":"S"}', "Bearer S ", "<token>S</token>"):
        assert "hunter2" not in redactor.text(around.replace("S", forged + "hunter2hunter2")), around


def test_strings_that_never_end_are_not_read_again_and_again():
    for word in (b'{"a":"', b'["{', b'{"value":{', b"[\\", b"{\"a\":'{\"b\":\"{", b'{value:\\"', b'["', b"{a:&quot;{", b"{'a':'\\'{"):
        data = word * ((64 << 10) // len(word))
        assert SecretPairs(data, SecretNames(())).work <= 6 * len(data), word


def test_what_is_not_looked_at_may_be_secret():
    # Strings within strings, more often than they are read.
    nested = b"".join(b"{a:" + b"\\" * ((1 << count) - 1) + b'"' for count in range(12))
    data = nested + b"{value: s3cret}"
    pairs = SecretPairs(data, SecretNames(()))
    assert 4 * len(data) < pairs.work <= 6 * len(data)
    assert (data.index(b"s3cret"), data.index(b"}")) in pairs.secrets


def test_tags_that_never_end_are_not_read_again_and_again():
    for word in (b"<input ", b"<input a=", b"<input a='", b'<input a="', b'<input a=\\"<meta ', b"&lt;a b=&quot;<x y='"):
        data = word * ((64 << 10) // len(word))
        tags = SecretTags(data, SecretNames(()))
        for found in NAME.finditer(data):
            tags.look(found.start(), found.end())
        assert tags.again <= 2 * len(data), word
