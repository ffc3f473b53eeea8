"""`yunju db roles`: the SQL that prepares a PostgreSQL server of your own."""

import argparse

from yunju.cli.roles import Roles, script
from yunju.cli.say import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=["roles"], help="roles: two roles, a database, grants and default privileges"
    )
    parser.add_argument("--database", default=Roles.database)
    parser.add_argument("--owner", default=Roles.owner)
    parser.add_argument("--app", default=Roles.app, help="set YUNJU_APP_ROLE to the same name")


def run(args: argparse.Namespace) -> int:
    say(script(Roles(owner=args.owner, app=args.app, database=args.database)))
    return 0
