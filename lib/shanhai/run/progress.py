"""What a working batch tells: done, failed, running, remaining and time left, also without a terminal."""

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType

from shanhai.core.manifest import Record
from shanhai.render.messages import Messages
from shanhai.render.words import Words
from shanhai.run.codes import with_places

MESSAGES = Messages(Words.beside(__file__, "messages.toml").labels("said"))
"""What a batch says, in Chinese."""

_MANY = 200
"""Runs above which not each of them gets a line of its own."""

_INTERVAL = 15.0
"""Seconds between two lines of a large batch."""


class Progress:
    """Context that shows finished tasks on standard error: a bar on a terminal, else lines.

    Parameters
    ----------
    total : int
        Tasks of the batch.
    workers : int
        How many of them work side by side.
    say : callable
        Puts a message into the user's language.
    """

    def __init__(self, total: int, workers: int, say: Callable[[str], str] = str) -> None:
        self.total, self.workers, self._say = total, workers, say
        self.done = self.failed = 0
        self._started = time.monotonic()
        self._said = self._started
        self._bar = None
        if total and sys.stderr.isatty() and _width():
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="run", leave=False, dynamic_ncols=True)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, name: str, record: Record) -> None:
        """Count a finished task; a failure is said at once."""
        self.done += 1
        self.failed += not record.ok
        word = "" if record.ok else " FAILED"
        line = f"[{self.done}/{self.total}] {with_places(name, record.parameters)}{word} ({record.seconds:.1f} s)"
        if self._bar is not None:
            self._bar.set_description(self._say(f"{self.failed} failed, {name}") if self.failed else name)
            self._bar.update()
            if not record.ok:
                self._bar.write(self._say(line), file=sys.stderr)
        elif self._is_to_be_said(record):
            self._said = time.monotonic()
            print(self._say(f"{line}{self._outlook()}"), file=sys.stderr, flush=True)

    def _is_to_be_said(self, record: Record) -> bool:
        waited = time.monotonic() - self._said >= _INTERVAL
        return self.total <= _MANY or not record.ok or waited or self.done in (1, self.total)

    def _outlook(self) -> str:
        """What is left of a large batch."""
        if self.total <= _MANY:
            return ""
        left = self.total - self.done
        running = min(self.workers, left)
        seconds = (time.monotonic() - self._started) / self.done * left
        return f"; {self.failed} failed, {running} running, {left - running} waiting, {_spelt(seconds)} left"


def _width() -> int:
    """Columns of the terminal; 0 where it does not tell."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 0


def _spelt(seconds: float) -> str:
    """A duration as a person says it.

    Examples
    --------
    >>> _spelt(42), _spelt(600), _spelt(9000)
    ('about 42 s', 'about 10 min', 'about 2 h 30 min')
    """
    if seconds < 90:
        return f"about {round(seconds)} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"
