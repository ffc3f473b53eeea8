"""Django's pages behind the asynchronous server: bodies and answers of any size, headers as they came, nobody holds a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from granian._granian import RSGIProtocolClosed

from yunju.config.behind import IN_MEMORY, PIECE, Pages


class Head:
    """As the server gives them: small letters, a name may come twice."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return list(self.pairs)


@dataclass
class Scope:
    method: str = "GET"
    path: str = "/"
    query_string: str = ""
    http_version: str = "1.1"
    scheme: str = "http"
    server: str = "127.0.0.1:8000"
    client: str = "10.0.0.7:4321"
    authority: str | None = None
    headers: Head = field(default_factory=Head)


@dataclass
class Protocol:
    """The server's side: gives the body in pieces, takes the answer; `stays` pieces of a long one before the reader goes."""

    pieces: list[bytes] = field(default_factory=list)
    stays: int = 10**9
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    sent: list[int] = field(default_factory=list)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._given()

    async def _given(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "Protocol":
        self.status, self.headers = status, headers
        return self

    async def send_bytes(self, piece: bytes) -> None:
        if len(self.sent) >= self.stays:
            raise RSGIProtocolClosed
        self.sent.append(len(piece))
        self.body += piece


class Answer:
    """What an application gives back, with an eye on whether it is closed, and by whom it was made."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces, self.closed_by = pieces, ""

    def __iter__(self):
        return iter(self.pieces)

    def close(self) -> None:
        self.closed_by = threading.current_thread().name


def asked(application: Any, scope: Scope, protocol: Protocol, content: bytes | None = None) -> Protocol:
    asyncio.run(Pages(application, 2).answer(scope, protocol, content))  # type: ignore[arg-type]
    return protocol


def echo(environ, start):
    start("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", ""))])
    return [environ["wsgi.input"].read()]


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY + 1, 5_000_000])
def test_a_body_of_any_size_arrives_whole(size):
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    pieces = [body[start : start + 65_536] for start in range(0, size, 65_536)]
    found = asked(echo, Scope("POST"), Protocol(pieces))
    assert (found.status, found.body == body) == (200, True)


def test_a_body_that_was_read_is_read_no_more():
    assert asked(echo, Scope("POST"), Protocol([b"never"]), b"known").body == b"known"


@pytest.mark.parametrize("size", [0, IN_MEMORY, IN_MEMORY + 1, 3_000_000])
def test_an_answer_of_any_size_is_sent_whole_and_closed_where_it_was_made(size):
    answer = Answer([b"x" * 1000] * (size // 1000) + [b"y" * (size % 1000)])

    def application(_environ, start):
        start(
            "206 Partial Content",
            [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
        )
        return answer

    found = asked(application, Scope(), Protocol())
    assert (found.status, len(found.body)) == (206, size)
    assert [value for name, value in found.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert answer.closed_by.startswith("pages")
    assert bool(found.sent) == (size > IN_MEMORY)
    assert all(length <= PIECE for length in found.sent)


def test_a_reader_who_goes_ends_the_sending_and_nothing_else():
    def application(_environ, start):
        start("200 OK", [])
        return Answer([b"x" * 3_000_000])

    assert asked(application, Scope(), Protocol(stays=2)).sent == [PIECE, PIECE]


def test_an_application_that_fails_is_the_servers_to_answer_and_its_answer_is_closed():
    answer = Answer([])

    def application(_environ, start):
        start("200 OK", [])
        answer.pieces = failing()
        return answer

    def failing():
        yield b"a"
        raise ValueError("half way")

    protocol = Protocol()
    with pytest.raises(ValueError, match="half way"):
        asked(application, Scope(), protocol)
    assert (protocol.status, answer.closed_by.startswith("pages")) == (0, True)


def test_the_environment_is_that_of_the_standard():
    seen: dict[str, Any] = {}

    def application(environ, start):
        seen.update(environ)
        start("204 No Content", [])
        return []

    head = Head(
        ("host", "market.example:8000"),
        ("content-type", "text/plain"),
        ("content-length", "0"),
        ("x-forwarded-for", "1.1.1.1"),
        ("x-forwarded-for", "2.2.2.2"),
        ("cookie", "a=1"),
        ("cookie", "b=2"),
    )
    scope = Scope("HEAD", "/shelf/%E8%8C%B6%2F", "q=%E8%8C%B6&q=2", scheme="https", headers=head)
    asked(application, scope, Protocol())
    wanted = {
        "REQUEST_METHOD": "HEAD",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/shelf/茶/".encode().decode("latin-1"),
        "QUERY_STRING": "q=%E8%8C%B6&q=2",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.7",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "0",
        "HTTP_HOST": "market.example:8000",
        "HTTP_X_FORWARDED_FOR": "1.1.1.1,2.2.2.2",
        "HTTP_COOKIE": "a=1; b=2",
        "wsgi.url_scheme": "https",
    }
    assert {name: seen.get(name) for name in wanted} == wanted


def test_without_a_host_header_the_authority_is_the_host():
    def application(environ, start):
        start("200 OK", [])
        return [environ["HTTP_HOST"].encode()]

    assert asked(application, Scope(authority="market.example"), Protocol()).body == b"market.example"


def test_slow_pages_wait_for_each_other_only_beyond_the_threads():
    together = threading.Barrier(2, timeout=20)

    def application(_environ, start):
        together.wait()
        start("200 OK", [])
        return [b"met"]

    async def both():
        pages = Pages(application, 2)
        found = [Protocol(), Protocol()]
        await asyncio.gather(*(pages.answer(Scope(), one, None) for one in found))  # type: ignore[arg-type]
        return [one.body for one in found]

    assert asyncio.run(both()) == [b"met", b"met"]
