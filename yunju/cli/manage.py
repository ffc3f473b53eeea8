"""`yunju manage ...`: Django's own commands with this installation's settings."""

import argparse

from django.core.management import execute_from_command_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="COMMAND", help="for example: check --deploy"
    )


def run(args: argparse.Namespace) -> int:
    execute_from_command_line(["yunju manage", *args.words])
    return 0
