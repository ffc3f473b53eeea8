"""`yunju migrate`: brings an installation up to this version. The only command that runs as the database's owner."""

import argparse

from django.conf import settings
from django.core.management import call_command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", action="store_true", help="only say what would be done")


def run(args: argparse.Namespace) -> int:
    call_command("migrate", interactive=False, plan=args.plan)
    if settings.COLLECTED and not args.plan:
        call_command("collectstatic", interactive=False, verbosity=0)
    return 0
