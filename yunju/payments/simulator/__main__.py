"""`python -m yunju.payments.simulator --home DIR --port N`: runs the simulated provider until it is told to end."""

import argparse
import logging
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from yunju.payments.simulator import book, post, signing
from yunju.payments.simulator.server import Server
from yunju.payments.simulator.store import Store, set_setting

PAUSE_SECONDS = 0.1
log = logging.getLogger("yunju.payments.simulator")


def work(store: Store, secret: bytes, stop: threading.Event) -> None:
    """Settle refunds and send notifications until told to stop. What a kill leaves undone is in the book."""
    with ThreadPoolExecutor(8) as pool:
        while not stop.is_set():
            try:
                done = book.settle_refunds(store) + post.send_due(store, secret, pool)
            except Exception:
                # Broad on purpose: this thread is all that notifies, and whoever listens may answer with anything. The
                # book is unchanged; the next round tries again.
                log.exception("a round of due work failed")
                done = 0
            stop.wait(0 if done else PAUSE_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m yunju.payments.simulator", description=__doc__)
    parser.add_argument(
        "--home", type=Path, required=True, help="where its book and the merchant's secret lie"
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address it listens on (default: %(default)s)"
    )
    parser.add_argument("--clock-offset", type=float, help="set its book's clock off by so many seconds")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="{asctime} {levelname} {message}", style="{")
    secret = signing.load_secret(given.home)
    store = Store(given.home / "book.sqlite3")
    if given.clock_offset is not None:
        with store.writing() as db:
            set_setting(db, "clock_offset", str(given.clock_offset))
    server = Server((given.host, given.port), store, secret)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    worker = threading.Thread(target=work, args=(store, secret, stop))
    worker.start()
    log.info("simulated gateway listens on %s:%s", given.host, given.port)
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        stop.set()
        server.server_close()
        worker.join()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
