"""What buyers know: which purchases were acknowledged, which are unknown, which payments the provider took. Kept outside the house."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Journal:
    """Written by all buyers. An acknowledgment is here before its buyer does anything else."""

    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)
    payments: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    news: threading.Condition = field(default_factory=threading.Condition)
    last_at: float = 0.0
    longest_pause: float = 0.0

    def acknowledge(self, key: str, told: dict[str, Any]) -> None:
        """The same key may be answered any number of times, but only with the same purchase."""
        with self.news:
            before = self.acknowledged.setdefault(key, told)
            if before["code"] != told["code"]:
                self.changed.append(f"{key} was told {before['code']}, then {told['code']}")
                self.acknowledged[f"{key}, told {told['code']}"] = told
            elif before is not told:
                self.counts["asked again, told the same"] += 1
            else:
                self.counts["acknowledged"] += 1
                self._note_pause()
            self.news.notify_all()

    def _note_pause(self) -> None:
        """How long nobody got anything: what an accident cost the buyers."""
        now = time.monotonic()
        self.longest_pause = max(self.longest_pause, now - (self.last_at or now))
        self.last_at = now

    def leave(self, key: str) -> None:
        """The buyer went away without an answer: the purchase may exist or not, but never twice."""
        with self.news:
            self.unknown.add(key)

    def paid(self, out_no: str, amount_minor: int) -> None:
        with self.news:
            self.payments[out_no] = amount_minor

    def count(self, what: str) -> None:
        with self.news:
            self.counts[what] += 1

    def await_more(self, more: int, seconds: float) -> bool:
        """Until so many more purchases were acknowledged than now; False when that takes too long."""
        with self.news:
            wanted = self.counts["acknowledged"] + more
            return self.news.wait_for(lambda: self.counts["acknowledged"] >= wanted, timeout=seconds)

    def told(self) -> dict[str, Any]:
        """Everything, for the process that compares."""
        with self.news:
            return {
                "acknowledged": dict(self.acknowledged),
                "unknown": sorted(self.unknown),
                "changed": list(self.changed),
                "payments": dict(self.payments),
            }
