"""What the command line prints: plain lines, written at once, so that a pipe sees them as a terminal does."""

import sys


class Stop(Exception):
    """The command cannot go on; the sentence says why and what to do. Ends with exit code 1."""


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
