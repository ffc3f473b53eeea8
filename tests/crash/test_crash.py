"""`make crash` with few rounds, and its control: the same harness loses orders where the database may lose them."""

import subprocess
import sys

import pytest

from tests.house import ROOT

ALL_IS_WELL = "lost: 0 oversold: 0 ledger: 0 duplicates: 0"


def crash(*words: str) -> tuple[int, list[str]]:
    """As a person runs it: exit code and lines."""
    command = [sys.executable, "-m", "tests.crash", *words]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.timeout(900)
def test_nothing_is_lost_whatever_dies():
    code, lines = crash("--app", "10", "--postgres", "5")
    assert (code, lines[-1]) == (0, ALL_IS_WELL), "\n".join(lines)


@pytest.mark.timeout(300)
def test_the_control_loses_what_was_acknowledged():
    """Else the harness would prove nothing: it would find no loss where there is one."""
    code, lines = crash("--control", "--postgres", "10")
    assert code == 0, "\n".join(lines)
    assert int(lines[-1].removeprefix("lost: ").split()[0]) > 0


@pytest.mark.long
@pytest.mark.timeout(7_200)
def test_nothing_is_lost_in_three_hundred_rounds():
    code, lines = crash("--app", "200", "--postgres", "100")
    assert (code, lines[-1]) == (0, ALL_IS_WELL), "\n".join(lines)
