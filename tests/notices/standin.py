"""A stand-in for the three providers of group robots: keeps what is posted, answers as told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.test import override_settings


class Groups:
    """What arrived: (path with query, body)."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict]] = []
        self.status = 200
        self.answer: object = {"errcode": 0, "errmsg": "ok", "code": 0}
        self.leads_to = ""

    def texts(self) -> list[str]:
        """What 企业微信 and 钉钉 were given to say."""
        return [body["text"]["content"] for _, body in self.posts]


@contextmanager
def groups() -> Iterator[Groups]:
    """The stand-in, with the setting that leads there."""
    kept = Groups()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.posts.append((self.path, json.loads(body)))
            said = kept.answer if isinstance(kept.answer, bytes) else json.dumps(kept.answer).encode()
            self.send_response(kept.status)
            if kept.leads_to:
                self.send_header("Location", kept.leads_to)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        with override_settings(YUNJU_ROBOT_STANDIN=f"http://127.0.0.1:{server.server_port}"):
            yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
