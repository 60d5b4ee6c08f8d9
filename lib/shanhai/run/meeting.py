"""Where the processes of a batch meet to share results: see :mod:`shanhai.core.shared`."""

import json
import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from shanhai.core.shared import VARIABLE

_QUEUE = 64
"""Processes that may wait to be heard; more than a machine has side by side."""


_PATIENCE = 1.0
"""Seconds that the listener has to end; a process that is stopped while it says who it is may hold it up."""


class _Meeting:
    """Results by key, and the keys that somebody makes a result for."""

    def __init__(self) -> None:
        self._results = dict[bytes, bytes]()
        self._in_the_making = set[bytes]()
        self._changed = threading.Condition()

    def serve(self, connection: Connection) -> None:
        """Answer one process: with the result, once there is one; or, if nobody makes it, with nothing, and keep it."""
        with connection, suppress(OSError, EOFError):
            key = connection.recv_bytes()
            result = self._wait_for(key)
            if result is not None:
                connection.send_bytes(result)
                return
            try:
                connection.send_bytes(b"")
                made = connection.recv_bytes()
                with self._changed:
                    self._results[key] = made
            finally:  # if the process failed or died, the next one that waits makes it
                with self._changed:
                    self._in_the_making.discard(key)
                    self._changed.notify_all()

    def _wait_for(self, key: bytes) -> bytes | None:
        """The result of a key; None if it is now the caller's to make."""
        with self._changed:
            while key not in self._results and key in self._in_the_making:
                self._changed.wait()
            if key not in self._results:
                self._in_the_making.add(key)
            return self._results.get(key)


@contextmanager
def meeting() -> Iterator[None]:
    """Within the context, processes started with the environment of this one share results."""
    with tempfile.TemporaryDirectory(prefix="shanhai-") as folder:  # nobody else may enter it
        key = secrets.token_bytes(32)
        address = str(Path(folder) / "m")  # systems allow a hundred characters
        before = os.environ.get(VARIABLE)
        with Listener(address, "AF_UNIX", backlog=_QUEUE, authkey=key) as listener:
            ended = threading.Event()
            thread = threading.Thread(target=_listen, args=(listener, _Meeting(), ended), daemon=True)
            thread.start()
            os.environ[VARIABLE] = json.dumps([address, key.hex()])
            try:
                yield
            finally:
                os.environ.pop(VARIABLE)
                if before is not None:
                    os.environ[VARIABLE] = before
                ended.set()
                with suppress(OSError), socket.socket(socket.AF_UNIX) as wake:
                    wake.connect(address)  # without a word, since the listener may have ended just now
                thread.join(_PATIENCE)


def _listen(listener: Listener, meeting: _Meeting, ended: threading.Event) -> None:
    while not ended.is_set():
        # one that knows no key, or dies before it has shown it, is no one to talk to
        with suppress(OSError, EOFError, AuthenticationError):
            connection = listener.accept()
            threading.Thread(target=meeting.serve, args=(connection,), daemon=True).start()
