"""The web as a process of its own: `yunju web` on a free port, on the database of the run, ended in an orderly way."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import psutil

PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and its first process."""

    port: int
    process: psutil.Process

    def processor_seconds(self) -> float:
        """What it and its workers have used."""
        times = [one.cpu_times() for one in (self.process, *self.process.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))


@contextmanager
def served(host: str, *words: str, **variables: str) -> Iterator[Server]:
    """`yunju web WORDS`, which shows the cluster of `host`. It must end with 0 and without a panic."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "yunju.cli.main", "web", *words, "--port", str(port)]
    environment = os.environ | {"YUNJU_HOSTS": host} | variables
    # A file: nobody reads what it says meanwhile, and a pipe that is full would stop it.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)
        try:
            _await(port, process, log)
            yield Server(port, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)
        log.seek(0)
        said = log.read()
    assert (process.returncode, "panicked" in said) == (0, False), said


def _await(port: int, process: subprocess.Popen[bytes], log: IO[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            asked(port, "GET", "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    log.seek(0)
    raise TimeoutError(f"the server does not answer: {process.poll()}\n{log.read()}")


def asked(
    port: int, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of one request on a connection of its own."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request(method, path, body, headers)
        found = line.getresponse()
        return found.status, dict(found.headers), found.read()
    finally:
        line.close()
