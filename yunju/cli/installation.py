"""An installation as `yunju up` runs it: a database, its migrations, and the processes that are kept alive."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from yunju.cli import keyring, state
from yunju.cli.children import Child, Plan, tail
from yunju.cli.postgres import Postgres, free_port
from yunju.cli.say import Stop
from yunju.config import env

ANSWER_SECONDS = 90
WEB_POOL = 16
JOB_STATEMENT_TIMEOUT_MS = 60_000


class Installation:
    """The parts of one home. Start them in order, watch them with `revive`, end them all with `stop`."""

    def __init__(self, home: Path, *, port: int, host: str = "127.0.0.1") -> None:
        self.home = home
        self.port = port
        self.host = host
        self.url = f"http://127.0.0.1:{port}"
        self.postgres: Postgres | None = None
        self.children: list[Child] = []
        self.due: dict[str, float] = {}
        self.base = self._base_environment()

    # --- environment --------------------------------------------------------------------------------------------

    def _base_environment(self) -> dict[str, str]:
        secrets = keyring.load(self.home)
        base = dict(os.environ)
        base.pop("DATABASE_OWNER_URL", None)  # the owner's password is for `migrate` alone
        base["YUNJU_HOME"] = str(self.home)
        base["YUNJU_PORT"] = str(self.port)
        base.setdefault("YUNJU_SECRET_KEY", secrets["secret_key"])
        base.setdefault("YUNJU_DATA_KEYS", secrets["data_keys"])
        return base

    def _owner_url(self) -> str:
        if self.postgres:
            return self.postgres.url("owner")
        url = env.text("DATABASE_OWNER_URL")
        if not url:
            raise Stop("DATABASE_URL is set, so DATABASE_OWNER_URL is needed too: the role that migrates.")
        return url

    # --- starting -----------------------------------------------------------------------------------------------

    def start_database(self) -> None:
        """The embedded server, unless DATABASE_URL names another."""
        if env.text("DATABASE_URL"):
            return
        self.postgres = Postgres(self.home)
        self.postgres.start()
        self.base["DATABASE_URL"] = self.postgres.url("app")

    def migrate(self) -> None:
        environment = self.base | {"DATABASE_OWNER_URL": self._owner_url()}
        self._once(["migrate"], environment)

    def load_demo(self, *, small: bool) -> tuple[str, ...]:
        """The log-ins, one a line, as `yunju demo` prints them."""
        environment = self.base | {"YUNJU_STATEMENT_TIMEOUT_MS": str(JOB_STATEMENT_TIMEOUT_MS)}
        words = ["demo", "--small"] if small else ["demo"]
        return tuple(self._once(words, environment).strip().splitlines())

    def _once(self, words: Sequence[str], environment: dict[str, str]) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "yunju.cli.main", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Stop(f"`yunju {' '.join(words)}` failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def start_gateway(self) -> None:
        """The simulated gateway: a process that knows us only by HTTP. Its port is kept, buyers have it in links."""
        wanted = env.number("YUNJU_GATEWAY_PORT", min(self.port + 1, 65535), least=1, most=65535)
        port = free_port(state.read(self.home).gateway_port or wanted)
        state.write(self.home, gateway_port=port)
        self.base["YUNJU_GATEWAY_PORT"] = str(port)
        self.base.setdefault("YUNJU_GATEWAY_URL", f"http://127.0.0.1:{port}")
        command = [
            "-m",
            "yunju.payments.simulator",
            "--home",
            str(self.home / "gateway"),
            "--port",
            str(port),
            "--clock-offset",
            str(env.clock_shift_hours() * 3_600),
        ]
        self._child("gateway", command)

    def start_rest(self) -> None:
        web = ["-m", "yunju.cli.main", "web", "--host", self.host, "--port", str(self.port)]
        self._child("web", web, YUNJU_DB_POOL=str(WEB_POOL))
        worker = ["-m", "yunju.cli.main", "worker"]
        self._child("worker", worker, YUNJU_STATEMENT_TIMEOUT_MS=str(JOB_STATEMENT_TIMEOUT_MS))

    def _child(self, name: str, arguments: Sequence[str], **extra: str) -> None:
        log = self.home / "logs" / f"{name}.log"
        given = {key: value for key, value in extra.items() if key not in os.environ}
        plan = Plan(
            name,
            [sys.executable, *arguments],
            log,
            longest_pause_seconds=env.number("YUNJU_RESTART_PAUSE_SECONDS", 30, least=1, most=30),
            environment=self.base | given,
        )
        child = Child(plan)
        child.start()
        self.children.append(child)

    def await_answer(self, *, empty: bool = False) -> None:
        """Until the front page really answers; a part that ends before that is the reason to give up.

        An `empty` book has no market to show: its front page says so with a 404.
        """
        well = {httpx.codes.OK, httpx.codes.NOT_FOUND} if empty else {httpx.codes.OK}
        deadline = time.monotonic() + ANSWER_SECONDS
        last = "no answer"
        while time.monotonic() < deadline:
            for child in self.children:
                if not child.alive():
                    raise Stop(f"{child.plan.name} does not start:\n{tail(child.plan.log)}")
            try:
                answer = httpx.get(self.url, timeout=10, follow_redirects=True, trust_env=False)
            except httpx.HTTPError as error:
                last = str(error)
            else:
                if answer.status_code in well:
                    return
                last = f"status {answer.status_code}"
            time.sleep(0.2)
        web = self.home / "logs" / "web.log"
        raise Stop(
            f"The site did not answer within {ANSWER_SECONDS} s ({last}). The end of {web}:\n{tail(web)}"
        )

    # --- running ------------------------------------------------------------------------------------------------

    def revive(self) -> Iterator[str]:
        """Start again what has died, each part after a growing pause; yields what there is to say."""
        if self.postgres and self.postgres.child and not self.postgres.child.alive():
            yield f"PostgreSQL ended (code {self.postgres.child.exit_code()}): starting it again."
            self.postgres.child.sweep()
            self.postgres.start()
            yield "PostgreSQL is back."
        for child in self.children:
            name = child.plan.name
            if child.alive():
                continue
            if name not in self.due:
                child.sweep()
                pause = child.pause_seconds()
                self.due[name] = time.monotonic() + pause
                yield f"{name} ended (code {child.exit_code()}): again in {pause:g} s. Its log: {child.plan.log}"
            elif time.monotonic() >= self.due[name]:
                del self.due[name]
                child.start()
                yield f"{name} runs again."

    def stop(self) -> None:
        """All who use the database at once, then the database."""
        for child in self.children:
            child.ask()
        for child in self.children:
            child.stop()
        if self.postgres:
            self.postgres.stop()
