"""The simulated provider as a real process on a free port, and a merchant's ear that hears its notifications.

For any test that needs a gateway: `from tests.payments.provider import provider  # noqa: F401` in a conftest.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import override_settings

PATIENCE_SECONDS = 15
http = httpx.Client(trust_env=False, timeout=10)


@dataclass
class Heard:
    """One notification as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def fact(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Ear:
    """A merchant's web server that writes down what it is told; `status` says what it answers."""

    status: int = 200
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append(Heard(dict(self.headers.items()), body))
                self.send_response(ear.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def about(self, out_no: str) -> list[Heard]:
        return [one for one in self.heard if one.fact.get("out_no") == out_no]


@dataclass
class Provider:
    """The process, its address, and what its control page can do."""

    home: Path
    port: int
    ear: Ear
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "yunju.payments.simulator",
            "--home",
            str(self.home),
            "--port",
            str(self.port),
        ]
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "DATABASE"))
        }
        self.process = subprocess.Popen(command, env=clean)
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return http.get(self.url + "/health").text == "ok"
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            assert self.process.wait(10) == 0

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def control(self, **wish: Any) -> dict[str, Any]:
        answer = http.post(self.url + "/control.json", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self, out_no: str) -> dict[str, Any]:
        return self.control(do="state", out_no=out_no)

    def set(self, name: str, value: object) -> None:
        self.control(do="set", name=name, value=value)

    def pay(self, out_no: str, amount_minor: int | None = None) -> None:
        self.control(
            do="pay", out_no=out_no, **({} if amount_minor is None else {"amount_minor": amount_minor})
        )

    def hears(self, out_no: str, count: int = 1) -> list[Heard]:
        """Wait until so many notifications about a payment have come in."""
        until(lambda: len(self.ear.about(out_no)) >= count)
        return self.ear.about(out_no)


def until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    one = Provider(tmp_path_factory.mktemp("gateway"), free_port(), Ear())
    one.start()
    yield one
    one.stop()
    one.ear.server.shutdown()
    one.ear.server.server_close()


@pytest.fixture
def provider(provider_process: Provider) -> Iterator[Provider]:
    """The provider with its settings as they come, its notifications heard by `ear`."""
    provider_process.ear.status = 200
    for name, value in {
        "notify_delay": 0,
        "refund_delay": 0,
        "clock_offset": 0,
        "refund_outcome": "refunded",
    }.items():
        provider_process.set(name, value)
    with override_settings(
        YUNJU_GATEWAY_URL=provider_process.url,
        YUNJU_GATEWAY_HOME=provider_process.home,
        YUNJU_PUBLIC_URL=provider_process.ear.url,
    ):
        yield provider_process
