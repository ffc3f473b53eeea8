"""The command as somebody types it, in a process of its own."""

import os
import subprocess
import sys

from tests.replay.recorded import ORDERS, write
from tests.replay.test_quirks import NAMED


def typed(database, *words):
    command = [sys.executable, "-m", "yunju.cli.main", "replay", *map(str, words)]
    environment = os.environ | {"DATABASE_URL": database.app_url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


def test_it_prints_its_lines_and_ends_with_0(replay_database, tmp_path):
    done = typed(replay_database, "olist", write(tmp_path / "one", ORDERS[:1]), "--cluster", "typed")
    assert done.returncode == 0, done.stderr
    names = [line.split(": ")[0] for line in done.stdout.splitlines()]
    assert names[:13] == [*NAMED, "seconds"]
    assert set(names[13:]) == {"quirk", "state"}
    assert done.stdout.splitlines()[3:6] == [
        "items total: 100.00",
        "freight total: 10.00",
        "payments total: 110.00",
    ]
    assert done.stderr.splitlines()[0] == "cluster: typed"


def test_bad_input_ends_with_2(replay_database, tmp_path):
    done = typed(replay_database, "olist", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("yunju replay: ")
    assert done.stderr.count("\n") == 1
    assert typed(replay_database, "amazon", tmp_path).returncode == 2
