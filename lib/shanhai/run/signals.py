"""Signals that end a command: each interrupts it once, as Ctrl-C does, so that it can clear away what it began."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_ENDING = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__)
"""Ctrl-C, a polite end, and the terminal or connection that is gone."""


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Within the context the first of these signals raises KeyboardInterrupt with its number; further ones wait.

    A signal that this process was started to ignore (``nohup``, a background job) stays ignored.
    """
    before = {number: signal.getsignal(number) for number in _ENDING}
    if threading.current_thread() is not threading.main_thread() or _interrupt in before.values():
        yield
        return
    taken = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in taken:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number))
