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


# Of texts, and how much longer one may take than a shorter one: eight times as much is linear, 64 times quadratic.
SHORT_BYTES, BYTES, LONG_BYTES = 4 << 10, 16 << 10, 128 << 10
GROWTH_MAX = 24


def took_s(redactor, word, count):
    text = word * (count // len(word))
    start = time.process_time()
    redactor.text(text)
    return time.process_time() - start


def test_a_long_text_of_names_takes_no_time_to_speak_of():
    """Of each word that begins something that a rule reads on from, many times."""
    redactor, _ = examples()
    grown = []
    for word in json.loads(EXAMPLES.with_name("repeated.json").read_text(encoding="utf-8")):
        little = min(took_s(redactor, word, SHORT_BYTES) for _ in range(2))
        # Of those that are to fail a long text takes more than five times as much as this.
        some = took_s(redactor, word, BYTES)
        if some < 4.5 * little:
            continue
        some = min(some, took_s(redactor, word, BYTES))
        much = took_s(redactor, word, LONG_BYTES)
        if much > GROWTH_MAX * some and much > 1:
            grown.append(f"{word!r}: {some:.3f} s of {BYTES} characters, {much:.1f} s of {LONG_BYTES}")
    assert not grown


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
