"""Django's own connection on a database of a test's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db import connections

from yunju.config import env

ADDRESS = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def django_on(url: str) -> Iterator[None]:
    """Inside the block everything that asks Django for the database gets this one."""
    connection = connections["default"]
    before = {name: connection.settings_dict[name] for name in ADDRESS}
    connection.close()
    with patch.dict(os.environ, {"DATABASE_URL": url}):
        fresh = env.database("DATABASE_URL", "")
    connection.settings_dict.update({name: fresh[name] for name in ADDRESS})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
