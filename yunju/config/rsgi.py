"""The application that the web server loads: the door for purchases of programs, Django's pages for all else."""

import asyncio
import atexit
import gc
import os
import sys
from typing import Any

_ended: list[bool] = []


def _leave() -> None:
    """After an orderly end the process goes at once. A thread of the server that still wants the interpreter while it is
    taken down would abort it, with a panic on the terminal: two of eight workers ended so."""
    if _ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


atexit.register(_leave)  # before all others are registered: so it is the last that runs

from granian._granian import RSGIHTTPProtocol as HTTPProtocol  # noqa: E402
from granian.rsgi import Scope  # noqa: E402

from yunju.config.behind import Pages  # noqa: E402
from yunju.config.wsgi import application as django  # noqa: E402

# After Django is set up: rooms may not be imported before.
from yunju.api import door  # noqa: E402  # isort: skip

# What is loaded by now stays: the collector need not look through it again and again. A tenth of a purchase's time was its.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)

sys.setswitchinterval(0.001)
"""The loop waits for a thread that renders no longer than a millisecond before it may go on."""


class Application:
    """One for a process."""

    def __init__(self) -> None:
        self.pages = Pages(django, int(os.environ.get("YUNJU_WEB_THREADS", "4")))

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The server has stopped taking requests and answered those it had."""
        self.pages.close()
        _ended.append(True)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        if scope.proto != "http":
            protocol.close(404)  # type: ignore[attr-defined]  # a websocket's; there are none here
            return
        content: bytes | None = None
        if door.is_for(scope.method, scope.path, scope.headers):
            content = await protocol()
            answer = await door.answer(scope.path, scope.headers, content)
            if answer is not None:
                protocol.response_bytes(*answer)
                return
        await self.pages.answer(scope, protocol, content)


application: Any = Application()
