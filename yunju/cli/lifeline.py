"""The small parent of every child of `yunju up`: when `up` is gone, even by kill -9, the child is stopped too.

Run as a program, with nothing imported but the standard library:
    python -m yunju.cli.lifeline --parent PID [--signal INT] [--grace 30] [--user UID --group GID] -- COMMAND...
It ends with the exit code of the command. It leads a process group, so that what the command has started goes as well.
"""

import argparse
import os
import signal
import subprocess
import sys
import time

BEAT_SECONDS = 0.25


class Lifeline:
    """One command, watched until it ends, is asked to end, or the parent is gone."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)
        switch = {"user": options.user, "group": options.group, "extra_groups": []} if options.user else {}
        self.child = subprocess.Popen(options.command, stdin=subprocess.DEVNULL, **switch)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def run(self) -> int:
        while self.child.poll() is None and not self.asked and os.getppid() == self.options.parent:
            time.sleep(BEAT_SECONDS)
        if self.child.poll() is None:
            self._end_child()
        self._end_group()
        return self.child.returncode if self.child.returncode >= 0 else 128 - self.child.returncode

    def _end_child(self) -> None:
        self.child.send_signal(getattr(signal, "SIG" + self.options.signal))
        try:
            self.child.wait(timeout=self.options.grace)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def _end_group(self) -> None:
        """A server killed hard leaves its workers behind, and they would keep its port."""
        if os.getpgrp() == os.getpid():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(os.getpgrp(), signal.SIGTERM)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", default="TERM", choices=["TERM", "INT"])
    parser.add_argument("--grace", type=float, default=15.0)
    parser.add_argument("--user", type=int, default=0)
    parser.add_argument("--group", type=int, default=0)
    parser.add_argument("command", nargs="+")
    return Lifeline(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
