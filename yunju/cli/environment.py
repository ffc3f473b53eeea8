"""From a home to the environment that the settings read: its secrets, and the address of its database.

A variable that is set wins over what the home has. Nothing here imports the settings; `django.setup()` comes after.
"""

import os
import secrets

import psycopg

from yunju.cli import keyring, postgres, state
from yunju.cli.say import Stop
from yunju.config import env

URL_OF = {"app": "DATABASE_URL", "owner": "DATABASE_OWNER_URL"}
made_up: set[str] = set()
"""Variables that got a value for this process only, because the command signs nothing that lasts."""


def prepare(role: str = "app") -> None:
    """Set what is not set; `role` says as whom the database is reached. The other role's address is not looked up."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yunju.config.settings"
    os.environ["YUNJU_DB_ROLE"] = role
    home = env.home()
    if (home / "secrets.json").exists():
        kept = keyring.load(home)
        os.environ.setdefault("YUNJU_SECRET_KEY", kept["secret_key"])
        os.environ.setdefault("YUNJU_DATA_KEYS", kept["data_keys"])
    ahead = state.read(home).clock_shift_hours
    if ahead:
        os.environ.setdefault("YUNJU_CLOCK_SHIFT_HOURS", str(ahead))
    if not env.text("DATABASE_URL"):  # one server for both roles: either both are given or none
        url = postgres.running_url(home, role)
        if url:
            os.environ[URL_OF[role]] = url


def require_key() -> None:
    """What serves people needs the key that their sessions were signed with."""
    if not env.text("YUNJU_SECRET_KEY"):
        raise Stop(f"There is no installation in {env.home()}: run `yunju up` once, or set YUNJU_SECRET_KEY.")


def make_up_key() -> None:
    """For commands that only look: Django does not start without one."""
    if not env.text("YUNJU_SECRET_KEY"):
        os.environ["YUNJU_SECRET_KEY"] = secrets.token_urlsafe(50)
        made_up.add("YUNJU_SECRET_KEY")


def require_database(role: str = "app") -> None:
    """A sentence instead of a stack of calls when no database answers."""
    name = URL_OF[role]
    url = env.text(name)
    if not url:
        raise Stop(f"There is no database for {env.home()}: start `yunju up` beside this, or set {name}.")
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise Stop(
            f"The database does not answer ({reason}). Start `yunju up` beside this, or set {name}."
        ) from error
