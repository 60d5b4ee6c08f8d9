"""A function in a process of its own, beside what goes on here."""

import multiprocessing
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from multiprocessing.connection import Connection

from shanhai.core.errors import ReportError, ShanhaiError

_METHOD = "fork" if sys.platform == "linux" else "spawn"
"""How the process begins: on Linux with all that is imported here, which takes seconds to import anew."""


@contextmanager
def beside(function: Callable[..., object], *arguments: object) -> Iterator[Callable[[], None]]:
    """Call a function in a process that does not outlive the context; what it prints or warns of is not shown.

    Parameters
    ----------
    function : callable
        Of a module.
    *arguments : object
        Such as can be pickled.

    Yields
    ------
    callable
        Waits until the function has returned, and raises the error of the project's own that it raised; of another
        error, or if the process ended without a word, a ReportError.

    Examples
    --------
    >>> from time import sleep
    >>> with beside(sleep, 0.01) as finish:
    ...     finish()
    """
    context = multiprocessing.get_context(_METHOD)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sender, function, arguments))  # type: ignore[attr-defined]
    process.start()
    sender.close()

    def finish() -> None:
        try:
            error = receiver.recv()
        except EOFError:
            process.join()
            error = ReportError(f"{function.__name__}: the process ended with status {process.exitcode}")
        if error is not None:
            raise error

    try:
        with receiver:
            yield finish
    finally:
        process.kill()  # it has ended, unless what was made beside it failed
        process.join()


def _answer(sender: Connection, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    sys.stdout, sys.stderr = StringIO(), StringIO()
    warnings.resetwarnings()  # as in a process that was started anew
    sender.send(error_of(function, arguments, ReportError))


def error_of(
    function: Callable[..., object], arguments: tuple[object, ...], kind: type[ShanhaiError]
) -> ShanhaiError | None:
    """The error that a call raises, for another process to raise; one that is not the project's own as one of a kind.

    Examples
    --------
    >>> error_of(int, ("a",), ReportError)
    ReportError("ValueError: invalid literal for int() with base 10: 'a'")
    """
    try:
        function(*arguments)
    except ShanhaiError as error:
        return error
    except Exception as error:  # noqa: BLE001 - not swallowed: the caller raises it
        return kind(f"{type(error).__name__}: {error}")
    return None
