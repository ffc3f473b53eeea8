"""The environment is right, or the start fails and names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from yunju.config import env, wiring


@pytest.mark.parametrize("value", ["", "0", "65536", "-1", "1e3", "８０", "80_00", "eighty", " "])
def test_a_port_is_a_whole_number_in_range(monkeypatch, value):
    monkeypatch.setenv("YUNJU_PORT", value)
    if not value.strip():
        assert env.number("YUNJU_PORT", 8000, least=1, most=65535) == 8000
        return
    with pytest.raises(env.SettingsError, match="expected a whole number from 1 to 65535"):
        env.number("YUNJU_PORT", 8000, least=1, most=65535)


@pytest.mark.parametrize(
    "value",
    [
        "market.example",
        "ftp://market.example",
        "https://market.example/path",
        "https://u@market.example",
        "https://",
    ],
)
def test_a_public_address_has_a_scheme_and_no_path(monkeypatch, value):
    monkeypatch.setenv("YUNJU_PUBLIC_URL", value)
    with pytest.raises(env.SettingsError, match="YUNJU_PUBLIC_URL"):
        env.origin("YUNJU_PUBLIC_URL", "http://127.0.0.1:8000")


def test_a_database_url_is_taken_apart(monkeypatch):
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://app:p%40ss@/shop?host=%2Frun%2Fpg&port=5433&sslmode=require"
    )
    found = env.database("DATABASE_URL", "")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("app", "p@ss", "shop")
    assert (found["HOST"], found["PORT"]) == ("/run/pg", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "value", ["mysql://a:secret@b/c", "postgresql://a:secret@b", "postgresql://a:secret@b:port/c"]
)
def test_a_wrong_database_url_is_refused_without_printing_its_password(monkeypatch, value):
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(env.SettingsError) as refusal:
        env.database("DATABASE_URL", "")
    assert "DATABASE_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_what_may_be_unsafe_is_named_word_by_word(monkeypatch):
    known = ("fsync", "synchronous_commit")
    assert env.some_of("YUNJU_UNSAFE_SETTINGS", known) == ()
    monkeypatch.setenv("YUNJU_UNSAFE_SETTINGS", " synchronous_commit, fsync,")
    assert env.some_of("YUNJU_UNSAFE_SETTINGS", known) == ("synchronous_commit", "fsync")
    monkeypatch.setenv("YUNJU_UNSAFE_SETTINGS", "all")
    with pytest.raises(env.SettingsError, match="YUNJU_UNSAFE_SETTINGS is 'all': expected some of fsync"):
        env.some_of("YUNJU_UNSAFE_SETTINGS", known)


def test_the_first_data_key_writes_and_all_are_known(monkeypatch):
    monkeypatch.setenv("YUNJU_DATA_KEYS", "2:" + "B" * 43 + "=,1:" + "A" * 43 + "=")
    assert list(env.data_keys("YUNJU_DATA_KEYS")) == ["2", "1"]


@pytest.mark.parametrize("value", ["AAAA", "1:AAAA", "1:" + "A" * 43 + "=,1:" + "B" * 43 + "=", "1:!!!"])
def test_a_wrong_data_key_is_refused_without_printing_it(monkeypatch, value):
    monkeypatch.setenv("YUNJU_DATA_KEYS", value)
    with pytest.raises(env.SettingsError) as refusal:
        env.data_keys("YUNJU_DATA_KEYS")
    assert value not in str(refusal.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("YUNJU_DEBUG", "maybe"),
        ("YUNJU_APP_ROLE", "app; DROP TABLE x"),
        ("YUNJU_HOME", str(Path(__file__))),
        ("YUNJU_LOG", "loud"),
        ("YUNJU_HOSTS", "*"),
        ("YUNJU_HOSTS", "https://west.example"),
        ("YUNJU_HOSTS", ".example"),
    ],
)
def test_the_command_says_which_variable_is_wrong(variable, value):
    command = [sys.executable, "-m", "yunju.cli.main", "doctor"]
    done = subprocess.run(
        command, env=os.environ | {variable: value}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"{variable} is {value!r}: expected " in done.stderr
    assert "Traceback" not in done.stderr


def settings_of(**variables: str) -> str:
    """A few settings as another process sees them."""
    script = (
        "from django.conf import settings as s; d = s.DATABASES['default'];"
        "print(d['USER'], 'statement_timeout' in d['OPTIONS']['options'], 'pool' in d['OPTIONS'],"
        " s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, 'market.example' in s.ALLOWED_HOSTS)"
    )
    urls = {"DATABASE_URL": "postgresql://app@h/d", "DATABASE_OWNER_URL": "postgresql://owner@h/d"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | urls | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_application_has_a_time_limit_and_the_owner_has_none():
    assert settings_of(YUNJU_DB_POOL="4") == "app True True False False False"
    assert settings_of(YUNJU_DB_ROLE="owner", YUNJU_DB_POOL="4") == "owner False False False False False"


def test_an_https_address_closes_the_cookies():
    assert settings_of(YUNJU_PUBLIC_URL="https://market.example") == "app True False True True True"


def test_further_hosts_are_let_in_and_trusted(monkeypatch):
    script = "from django.conf import settings as s; print(s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS)"
    given = {"YUNJU_HOSTS": "West.example, east.example", "YUNJU_PUBLIC_URL": "https://market.example:8443"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | given, capture_output=True, text=True, check=True
    )
    assert "'east.example', 'localhost', 'market.example', 'west.example'" in done.stdout
    assert "['https://market.example:8443', 'https://West".lower() in done.stdout
    assert "'https://east.example:8443']" in done.stdout


def test_a_clock_set_ahead_is_refused_beside_real_money(monkeypatch, settings):
    monkeypatch.setattr(wiring.gateways, "all_gateways", lambda: {"simulated": None, "wechat": None})
    settings.YUNJU_CLOCK_SHIFT_HOURS = 1
    with pytest.raises(env.SettingsError, match="YUNJU_CLOCK_SHIFT_HOURS is '1': expected 0 where"):
        wiring.connect()
