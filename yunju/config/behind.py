"""Django's pages behind the asynchronous server: each request has one of a few threads for as long as its answer is made.

An answer is made whole before any of it is sent, in memory or, when it is large, in a file: somebody with a slow phone
holds no thread. The threads are Django's own world: WSGI, synchronous, a database connection each.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian._granian import RSGIProtocolClosed as ProtocolClosed
from granian.rsgi import Scope

IN_MEMORY = 1_000_000
"""Bodies and answers up to so many bytes need no file."""

PIECE = 256 * 1024
Headers = list[tuple[str, str]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class _Made:
    """An answer, ready to be sent from the start of `content`."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    length: int = 0
    content: IO[bytes] = field(default_factory=lambda: SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - closed when sent


class Pages:
    """A WSGI application with `threads` threads."""

    def __init__(self, application: Wsgi, threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    def close(self) -> None:
        """Wait for the answers that are being made, and end the threads."""
        self._threads.shutdown()

    async def answer(self, scope: Scope, protocol: HTTPProtocol, content: bytes | None) -> None:
        """`content` is the body where somebody has read it already."""
        loop = asyncio.get_running_loop()
        with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            if content is not None:
                body.write(content)
            else:
                async for piece in protocol:
                    body.write(piece)
            body.seek(0)
            made = await loop.run_in_executor(self._threads, self._make, scope, body)
        with made.content:
            await self._send(protocol, made)

    def _make(self, scope: Scope, body: IO[bytes]) -> _Made:
        made = _Made()

        def start(status: str, headers: Headers, *_failure: object) -> None:
            made.status, made.headers = int(status[:3]), headers

        try:
            self._write(made, self._application(environ_of(scope, body), start))
        except BaseException:
            made.content.close()
            raise
        return made

    def _write(self, made: _Made, pieces: Iterable[bytes]) -> None:
        """The same thread makes the answer and closes it: with it goes a database connection."""
        try:
            for piece in pieces:
                made.length += made.content.write(piece)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        made.content.seek(0)

    async def _send(self, protocol: HTTPProtocol, made: _Made) -> None:
        if made.length <= IN_MEMORY:
            protocol.response_bytes(made.status, made.headers, made.content.read())
            return
        loop = asyncio.get_running_loop()
        transport = protocol.response_stream(made.status, made.headers)
        try:
            while piece := await loop.run_in_executor(None, made.content.read, PIECE):
                await transport.send_bytes(piece)
        except ProtocolClosed:
            return  # the reader has gone


def environ_of(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """PEP 3333's environment of a request. Headers that came several times are joined, as HTTP has it."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    if "HTTP_HOST" not in environ and scope.authority:
        environ["HTTP_HOST"] = scope.authority
    return environ
