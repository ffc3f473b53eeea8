"""The site on a real port, for a real browser: threads of this process, the provider a process of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from csp.constants import NONE, SELF
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings

from yunju.config.wiring import connect
from yunju.kernel import clock, loops


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadedWSGIServer):
    """Closes the database connection of each request's thread."""

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


@contextmanager
def open_house(gateway_url: str) -> Iterator[str]:
    """The address of the running site. Its policy lets forms lead to this run's gateway."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    policy = {
        "DIRECTIVES": settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        | {"form-action": [SELF, gateway_url], "object-src": [NONE]}
    }
    with override_settings(CONTENT_SECURITY_POLICY=policy):
        server = Server(("127.0.0.1", 0), Quiet)
        server.daemon_threads = True
        address = f"http://127.0.0.1:{server.server_port}"
        with override_settings(YUNJU_PUBLIC_URL=address):
            server.set_app(StaticFilesHandler(get_wsgi_application()))
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
            try:
                yield address
            finally:
                server.shutdown()
                server.server_close()


ROUNDS = ("insight.figures", "orders.sold", "ledger.proof")
"""Loops that count or prove every cluster anew, those of all earlier tests too: no test here asks for what they find."""


def work() -> None:
    """What the worker does, until nothing is due."""
    connect()
    for _ in range(20):
        if not loops.run_due(dict.fromkeys(ROUNDS, clock.now())):
            return
