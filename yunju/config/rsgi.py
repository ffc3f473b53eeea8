"""The application that the web server loads: the door for purchases of programs, Django's pages for all else."""

import os
import sys
from typing import Any

from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope

from yunju.config.behind import Pages
from yunju.config.wsgi import application as django

# After Django is set up: rooms may not be imported before.
from yunju.api import door  # isort: skip

sys.setswitchinterval(0.001)
"""The loop waits for a thread that renders no longer than a millisecond before it may go on."""


class Application:
    """One for a process."""

    def __init__(self) -> None:
        self.pages = Pages(django, int(os.environ.get("YUNJU_WEB_THREADS", "4")))

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        if scope.proto != "http":
            protocol.close(404)  # type: ignore[attr-defined]  # a websocket's; there are none here
            return
        content: bytes | None = None
        if door.is_for(scope.method, scope.path, scope.headers):
            content = await protocol()
            answer = await door.answer(scope.headers, content)
            if answer is not None:
                protocol.response_bytes(*answer)
                return
        await self.pages.answer(scope, protocol, content)


application: Any = Application()
