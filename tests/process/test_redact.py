"""Redaction: what is hidden, what is left, and that nothing of a secret comes through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.errors import ConfigError
from gates.process.redact import redactor
from pytest_vltair.tokens import MASK

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MIXED = (LETTERS * 7)[11::7]
# Written in parts: a scanner of this repository must not take an example for the real thing.
KIND = "PRIVATE KEY"
KEY = f"-----BEGIN RSA {KIND}-----\nProc-Type: 4,ENCRYPTED\n\nMIIB+/x=\nabc0==\n-----END RSA {KIND}-----"
TOKENS = {
    "github": "gh" + "p_" + MIXED[:36],
    "github server": "gh" + "s_" + MIXED[:36],
    "github fine-grained": "github" + "_pat_" + MIXED[:22] + "_" + MIXED[:59],
    "gitlab": "gl" + "pat-" + MIXED[:20],
    "aws": "AK" + "IA" + "ABCDEFGHIJKLMNOP",
    "slack": "xo" + "xb-123456789012-" + MIXED[:24],
    "slack app": "xa" + "pp-1-A0123-" + MIXED[:24],
    "pypi": "py" + "pi-AgEIcHlwaS5vcmc" + MIXED[:50],
    "jwt": "ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "private key": KEY,
    "private key in one line": KEY.replace("\n", "\\n"),
}


@pytest.mark.requirement("PRC-5")
@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("frame", ["{}", "x = '{}' ", '{{"a": "{}"}}', "error: {}, and more", "{}\nnext line"])
def test_token_shapes(token: str, frame: str) -> None:
    assert redactor({}).text(frame.format(token)) == frame.format(MASK)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abc.def-ghi", f"Authorization: {MASK}"),
        ("authorization: token abcdef1234\nHost: x", f"authorization: {MASK}\nHost: x"),
        ('{"Authorization": "Basic dXNlcjpw", "n": 1}', f'{{"Authorization": "{MASK}", "n": 1}}'),
        ("-H 'Authorization: Basic dXNlcjpw' -v", f"-H 'Authorization: {MASK}' -v"),
        ("https://user:pass@host/path?x@y", f"https://{MASK}@host/path?x@y"),
        ("git+ssh://tok-en@host", f"git+ssh://{MASK}@host"),
        ("aws_secret_access_key = " + (MIXED * 2)[:40], f"aws_secret_access_key = {MASK}"),
        ("https://hooks.slack.com/services/" + "T0/B0/" + MIXED[:24], f"https://hooks.slack.com/{MASK}"),
    ],
)
def test_only_the_secret_part_is_hidden(text: str, left: str) -> None:
    assert redactor({}).text(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "src/gates/process/redact.py:12:5: F401 `os` imported but unused",
        "https://host/path/a@b and mailto someone@example.org",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "assert token == expected_token",
        "BEGIN CERTIFICATE",
        "the author's note: eyJ",
        "pytest-vltair==0.1.0 pypi-server ghp_ AKIA",
    ],
)
def test_ordinary_output_stays(text: str) -> None:
    assert redactor({}).text(text) == text


def test_marker_without_a_key_hides_no_more_than_itself() -> None:
    line = 'if "-----BEGIN ' + 'PRIVATE KEY-----" in text: raise'
    assert redactor({}).text(line) == f'if "{MASK}" in text: raise'


@pytest.mark.parametrize(
    "name",
    [
        *("API_KEY", "APIKEY", "AWS_ACCESS_KEY_ID", "SIGNING_KEYS", "DJANGO_SECRET_KEY", "CLIENT_SECRET", "X_AUTH"),
        *("GITHUB_TOKEN", "npmtoken", "DB_PASSWORD", "PGPASSWORD", "MYSQL_PWD", "KEY_PASSPHRASE", "GOOGLE_CREDENTIALS"),
    ],
)
def test_names_that_look_secret(name: str) -> None:
    assert redactor({name: "value-1234"}).text("<value-1234>") == f"<{MASK}>"


@pytest.mark.parametrize(
    "name", ["MONKEY_PATH", "KEYBOARD", "TOKENIZERS_PARALLELISM", "PWD", "OLDPWD", "AUTHOR", "HOME", "BYPASS_CHECK"]
)
def test_names_that_do_not(name: str) -> None:
    assert redactor({name: "value-1234"}).text("value-1234") == "value-1234"


def test_short_values_and_paths_stay(tmp_path: Path) -> None:
    hide = redactor({"A_KEY": "1234567", "SSH_AUTH_SOCK": str(tmp_path), "B_KEY": "", "C_TOKEN": "REDACTED"})
    assert hide.text(f"1234567 {tmp_path}/x {MASK}") == f"1234567 {tmp_path}/x {MASK}"


def test_a_value_that_cannot_be_a_path_is_hidden() -> None:
    assert redactor({"A_KEY": "/abc\0defgh"}).text("/abc\0defgh") == MASK


def test_the_longer_value_is_hidden_first() -> None:
    hide = redactor({"A_TOKEN": "abcdefgh", "B_TOKEN": "abcdefgh-ijkl"})
    assert hide.text("abcdefgh-ijkl abcdefgh") == f"{MASK} {MASK}"


def test_lines_of_a_long_value_are_hidden_one_by_one() -> None:
    hide = redactor({"DEPLOY_KEY": "first-line-of-the-key\nsecond-line-of-the-key\nend\n"})
    assert hide.text("got second-line-of-the-key, end") == f"got {MASK}, end"


def test_a_known_key_does_not_take_the_first_line_of_another_away_by_which_that_is_recognised() -> None:
    assert redactor({"DEPLOY_KEY": KEY}).text(f"got {KEY.replace('abc0', 'xyz9')}") == f"got {MASK}"


@pytest.mark.requirement("PRC-5")
@given(st.text(alphabet="abcxyz019 -é", min_size=8).filter(lambda s: len(s.strip()) >= 8), st.text(), st.text())
def test_nothing_of_a_known_value_comes_through(secret: str, before: str, after: str) -> None:
    assert secret.strip() not in redactor({"A_TOKEN": secret}).text(f"{before}{secret}{after}")


@given(st.text(alphabet=LETTERS + '"\\\n/ é', min_size=8, max_size=30).filter(lambda s: len(s.strip()) >= 8))
def test_a_value_is_hidden_in_the_form_that_json_gives_it(secret: str) -> None:
    if secret.startswith("/"):
        return
    assert json.loads(redactor({"A_TOKEN": secret}).text(json.dumps([secret.strip()]))) == [MASK]


@given(st.text())
@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_twice_is_once(profile: Literal["standard", "strict"], text: str) -> None:
    hide = redactor({"A_TOKEN": "abcdefgh"}, profile=profile)
    once = hide.text(f"{text} https://u:p@h {text}")
    assert hide.text(once) == once


@given(st.binary())
def test_bytes_that_are_no_text_stay(data: bytes) -> None:
    hide = redactor({"A_TOKEN": "abcdefgh"})
    assert hide.data(b"\xff" + b"abcdefgh" + b"\xfe") == b"\xff" + MASK.encode() + b"\xfe"
    if b"://" not in data and b"abcdefgh" not in data and b"uthorization" not in data.lower():
        assert hide.data(data) == data


def test_strict_hides_what_looks_random_and_addresses() -> None:
    text = f"{MIXED[:32]} jane.doe+x@example.co.uk 0123456789abcdef0123456789abcdef"
    assert redactor({}, profile="strict").text(text) == f"{MASK} {MASK} {MASK}"
    assert redactor({}).text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "src/gates/process/interpreter.py:120",
        "test_the_longer_value_is_hidden_first",
        "ThisIsAVeryLongCamelCaseName",
        "0" * 64,
        "a-b-c-d-e-f-g-h-i-j-k-l",
    ],
)
def test_strict_leaves_words(text: str) -> None:
    assert redactor({}, profile="strict").text(text) == text


def test_patterns_of_the_user() -> None:
    hide = redactor({}, patterns=[r"ACME-\d+", r"id=(?P<secret>\w+)", r"(?P<secret>zz)|yy", r"x*"])
    assert hide.text("ACME-12 id=abc; zz yy xx") == f"{MASK} id={MASK}; {MASK} {MASK} {MASK}"


def test_a_pattern_that_is_none_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=r"redact pattern '\(' is no regular expression"):
        redactor({}, patterns=["("])


def test_the_same_secrets_have_the_same_redactor() -> None:
    """A command asks for it several times, and looking through an environment takes long."""
    environ = {"A_TOKEN": "sesame-open", "HOME": "/root"}
    first = redactor(environ, patterns=["x+"])
    assert redactor(dict(reversed(environ.items())), patterns=("x+",)) is first
    assert redactor({**environ, "A_TOKEN": "sesame-shut"}, patterns=["x+"]).text("sesame-shut") == "<<REDACTED>>"
