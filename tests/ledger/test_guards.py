"""Start-up refuses to run where a guard is missing. What mutants change is covered there; here is the rest."""

import re
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from django.db import connection

from tests.ledger.clones import django_on
from yunju.kernel import declared, guards, installed


def test_nothing_is_missing(db_app):
    assert guards.find_missing() == []
    guards.require()


def test_a_role_that_is_not_there_is_said(db_app, settings):
    settings.YUNJU_APP_ROLE = "nobody_here"
    assert guards.find_missing() == ["the application role nobody_here does not exist"]


@pytest.fixture
def change(clone, postgres, own_transactions, django_db_blocker) -> Iterator[psycopg.Connection]:
    """A superuser in a database of this test's own, which Django reaches as the application."""
    with (
        closing(psycopg.connect(postgres.url("superuser", clone.name), autocommit=True)) as superuser,
        django_db_blocker.unblock(),
        django_on(clone.app_url),
    ):
        yield superuser


@pytest.mark.database
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM kernel_installed_sql WHERE name LIKE 'ledger/%'", "0001_guard.sql is not installed"),
        ("UPDATE kernel_installed_sql SET sha256 = 'x'", "0001_guard.sql is not the file that was installed"),
        (
            "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_guard",
            "ledger_entry_guard on ledger_entry is switched off",
        ),
        (
            "ALTER TABLE ledger_entry ENABLE REPLICA TRIGGER ledger_entry_keep",
            "ledger_entry_keep on ledger_entry is switched off",
        ),
        ("ALTER FUNCTION ledger_entry_guard RESET search_path", "ledger_entry_guard is not as installed"),
        ("DROP FUNCTION ledger_settled CASCADE", "function ledger_settled is missing"),
        (
            "CREATE FUNCTION ledger_settled(x int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
            "ledger_settled is not as installed",
        ),
        (
            (
                "DROP TRIGGER ledger_entry_keep ON ledger_entry; CREATE TRIGGER ledger_entry_keep BEFORE DELETE"
                " ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_forbid()"
            ),
            "ledger_entry_keep on ledger_entry is not as installed",
        ),
        (
            (
                "DROP TRIGGER ledger_entry_keep ON ledger_entry; CREATE TRIGGER ledger_entry_keep BEFORE DELETE OR UPDATE"
                " ON ledger_entry FOR EACH ROW WHEN (OLD IS NULL) EXECUTE FUNCTION ledger_forbid()"
            ),
            "ledger_entry_keep on ledger_entry is not as installed",
        ),
        ("ALTER TABLE orders_share DROP CONSTRAINT share_bounded", "share_bounded of orders_share"),
        (
            "ALTER TABLE catalog_stock DROP CONSTRAINT stock_not_negative",
            "stock_not_negative of catalog_stock",
        ),
        (
            (
                "ALTER TABLE ledger_account DROP CONSTRAINT account_debt, ADD CONSTRAINT account_debt"
                " CHECK (kind <> 'debt' OR balance <= 0) NOT VALID"
            ),
            "account_debt of ledger_account",
        ),
        ("ALTER SEQUENCE ledger_entry_id_seq CACHE 10", "ledger_entry.id is not given by the database alone"),
        ("GRANT UPDATE (balance) ON ledger_account TO yunju_app", "may UPDATE ledger_account.balance"),
        ("GRANT REFERENCES ON ledger_entry TO yunju_app", "may REFERENCES ledger_entry"),
        ("REVOKE INSERT ON ledger_transfer FROM yunju_app", "may not INSERT on ledger_transfer, and must"),
        ("REVOKE SELECT ON ledger_entry FROM yunju_app", "may not SELECT on ledger_entry, and must"),
        (
            "REVOKE INSERT (seq) ON ledger_entry FROM yunju_app",
            "may not INSERT (seq) on ledger_entry, and must",
        ),
        ("GRANT DELETE ON ledger_entry TO PUBLIC", "yunju_app may DELETE ledger_entry"),
        ("ALTER TABLE ledger_snapshot OWNER TO yunju_app", "yunju_app owns ledger_snapshot"),
        ("GRANT CREATE ON SCHEMA public TO yunju_app", "may create objects in the schema public"),
        ("ALTER ROLE yunju_app IN DATABASE {db} SET synchronous_commit = off", "synchronous_commit is off"),
    ],
)
def test_a_difference_is_found(change, clone, statement, found):
    before = guards.find_missing()
    change.execute(statement.replace("{db}", clone.name))
    connection.close()  # a role's settings come with a new session
    missing = guards.find_missing()
    assert before == []
    assert [line for line in missing if found in line], missing
    with pytest.raises(guards.GuardsMissing, match="the database lacks its guards"):
        guards.require()


def test_a_setting_that_loses_orders_passes_only_by_its_name(change, clone, settings):
    change.execute(f"ALTER ROLE yunju_app IN DATABASE {clone.name} SET synchronous_commit = off")
    connection.close()  # a role's settings come with a new session
    settings.YUNJU_UNSAFE_SETTINGS = ("fsync", "full_page_writes")
    with pytest.raises(guards.GuardsMissing, match="synchronous_commit is off"):
        guards.require()
    settings.YUNJU_UNSAFE_SETTINGS = ("synchronous_commit",)
    guards.require()
    assert guards.find_missing() == ["synchronous_commit is off: an acknowledged order could be lost"]
    change.execute("GRANT DELETE ON ledger_entry TO yunju_app")
    with pytest.raises(guards.GuardsMissing, match="yunju_app may DELETE ledger_entry"):
        guards.require()


@pytest.mark.parametrize(
    ("give", "take", "found"),
    [
        ("ALTER ROLE yunju_app SUPERUSER", "ALTER ROLE yunju_app NOSUPERUSER", "is a superuser"),
        ("ALTER ROLE yunju_app CREATEROLE", "ALTER ROLE yunju_app NOCREATEROLE", "may create roles"),
        ("ALTER ROLE yunju_app BYPASSRLS", "ALTER ROLE yunju_app NOBYPASSRLS", "passes row security"),
        ("GRANT yunju_owner TO yunju_app", "REVOKE yunju_owner FROM yunju_app", "is a member of yunju_owner"),
        (
            "GRANT pg_write_all_data TO yunju_app",
            "REVOKE pg_write_all_data FROM yunju_app",
            "is a member of pg_write_all_data",
        ),
    ],
)
def test_a_role_with_more_power_is_found(change, give, take, found):
    """Roles belong to the whole server: given back whatever happens."""
    try:
        change.execute(give)
        assert [line for line in guards.find_missing() if found in line]
    finally:
        change.execute(take)
    assert guards.find_missing() == []


def test_the_owner_is_not_the_application(clone, own_transactions, django_db_blocker):
    with django_db_blocker.unblock(), django_on(clone.owner_url):
        assert "connected as yunju_owner, not as the application role yunju_app" in guards.find_missing()


@pytest.mark.parametrize(
    ("given", "standbys", "found"),
    [
        ({"fsync": "off"}, "", ["fsync is off: an acknowledged order could be lost"]),
        ({"full_page_writes": "off"}, "", ["full_page_writes is off: an acknowledged order could be lost"]),
        (
            {"synchronous_commit": "off"},
            "",
            ["synchronous_commit is off: an acknowledged order could be lost"],
        ),
        ({"synchronous_commit": "local"}, "", []),
        (
            {"synchronous_commit": "local"},
            "b",
            ["synchronous_commit is local: an acknowledged order could be lost"],
        ),
        ({"synchronous_commit": "remote_apply"}, "b", []),
        ({}, "", []),
    ],
)
def test_settings_that_lose_orders(given, standbys, found):
    on = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    assert list(guards.unsafe(on | given | {"synchronous_standby_names": standbys})) == found


def test_files_are_read_in_their_order():
    first = (
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $x$ BEGIN; END $x$;\n"
        "-- a comment; with a semicolon, CREATE TRIGGER no BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION keep()\n"
        "CREATE TRIGGER one BEFORE UPDATE OR DELETE ON a\nFOR EACH ROW EXECUTE FUNCTION keep();\n"
        "CREATE TRIGGER two BEFORE TRUNCATE ON a FOR EACH STATEMENT EXECUTE FUNCTION keep();\n"
        "REVOKE ALL ON a, b FROM public, {app}; GRANT SELECT, INSERT (x, y) ON a TO {app};"
        "REVOKE UPDATE, DELETE ON c FROM {app}; REVOKE DELETE ON d FROM public;"
    )
    second = (
        "CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN $$;"
        "DROP TRIGGER two ON a; GRANT EXECUTE ON FUNCTION f(int, text[]), g() TO {app};"
        "ALTER TABLE a ALTER COLUMN id SET GENERATED ALWAYS;"
    )
    found = declared.read([first])
    assert found.functions == {"keep": declared.Function(" BEGIN; END ", False, ("search_path=public",))}
    assert set(found.triggers) == {"one", "two"}
    found = declared.read([first, second])
    assert found.functions == {"keep": declared.Function(" BEGIN ", True, ())}
    text = "CREATE TRIGGER one BEFORE DELETE OR UPDATE ON a FOR EACH ROW EXECUTE FUNCTION keep()"
    assert found.triggers == {"one": declared.Trigger("a", text)}
    assert found.rights["a"] == declared.Rights({"SELECT"}, {("INSERT", "x"), ("INSERT", "y")})
    assert found.rights["b"] == declared.Rights(set(), set())
    assert found.rights["c"] == declared.Rights({"SELECT", "INSERT"}, set())
    assert "d" not in found.rights
    assert (found.executable, found.identities) == ({"f", "g"}, {("a", "id")})


def test_every_function_and_trigger_of_the_files_is_understood():
    """What `declared` does not understand would not be guarded, without a word."""
    texts = [path.read_text(encoding="utf-8") for path in installed.files()]
    found, text = declared.read(texts), "\n".join(texts)
    assert set(found.functions) == set(
        re.findall(r"^CREATE (?:OR REPLACE )?FUNCTION (\w+)", text, re.MULTILINE)
    )
    assert set(found.triggers) == set(
        re.findall(r"^CREATE (?:CONSTRAINT )?TRIGGER (\w+)", text, re.MULTILINE)
    )
    assert len(found.triggers) >= 12
