"""The `yunju` command. Each sub-command is a module with `add_arguments(parser)` and `run(args) -> int`."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import django
from django.core.exceptions import ImproperlyConfigured

from yunju.cli import environment
from yunju.cli.say import Stop, complain, say


@dataclass(frozen=True)
class Command:
    """`role`: as whom it reaches the database; None when it needs neither database nor Django."""

    module: str
    help: str
    role: str | None = "app"
    needs_database: bool = True


COMMANDS = {
    "up": Command(
        "yunju.cli.up", "start everything: database, migrations, web, worker, simulated gateway", None
    ),
    "migrate": Command("yunju.cli.migrate", "bring the database up to this version, as its owner", "owner"),
    "web": Command("yunju.cli.web", "serve the pages and the API"),
    "worker": Command("yunju.cli.worker", "do what is due: releases, expiries, outbox, jobs"),
    "cluster": Command("yunju.cli.cluster", "make a cluster and its operator; set its fees and rules"),
    "demo": Command("yunju.cli.demo.command", "fill an empty installation with a small market to try"),
    "demo-remove": Command("yunju.cli.demo.removal", "take the demonstration away again", "owner"),
    "import": Command("yunju.cli.importing", "take offers from a product file"),
    "replay": Command("yunju.cli.replay", "play recorded orders through the same actions as the web"),
    "ledger": Command("yunju.cli.ledger", "prove the invariants of the books: `ledger verify`"),
    "search": Command("yunju.cli.search", "measure what search finds: `search recall DIR`"),
    "doctor": Command(
        "yunju.cli.doctor", "look over this installation and say what is wrong", needs_database=False
    ),
    "db": Command("yunju.cli.db", "`db roles` prints the SQL for a database server of your own", None),
    "docs": Command(
        "yunju.cli.docs", "draw the pages of the modes from their own data", needs_database=False
    ),
    "manage": Command("yunju.cli.manage", "Django's own commands", needs_database=False),
}


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in {"-h", "--help", "help"}:
        say(usage())
        return 0 if words else 2
    name, rest = words[0], words[1:]
    if name not in COMMANDS:
        complain(f"yunju: there is no command {name!r}.\n\n{usage()}")
        return 2
    try:
        return dispatch(name, rest)
    except (Stop, ImproperlyConfigured) as reason:
        complain(f"yunju {name}: {reason}")
        return 1
    except KeyboardInterrupt:
        return 130


def dispatch(name: str, rest: Sequence[str]) -> int:
    command = COMMANDS[name]
    if command.role:
        environment.prepare(command.role)
        (environment.require_key if command.needs_database else environment.make_up_key)()
        django.setup()
    module = importlib.import_module(command.module)
    parser = argparse.ArgumentParser(prog=f"yunju {name}", description=command.help)
    module.add_arguments(parser)
    args = parser.parse_args(rest)
    if command.role and command.needs_database:
        environment.require_database(command.role)
    return int(module.run(args))


def usage() -> str:
    lines = [f"  {name:10} {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: yunju COMMAND [...]    (yunju COMMAND --help explains one)", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
