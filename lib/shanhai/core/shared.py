"""Results that the processes of one batch make once between them: the English edition, the Chinese one, the findings.

Within a batch a function decorated with :func:`shared` is called by one process for given arguments; the others wait
for its result. Nothing is kept on disk and nothing outlives the batch, whose inputs may not change while it runs, so
that no result can be stale; ``reproduce --force`` estimates everything anew. Outside a batch the function is called as
it is.

Results are pickled and go between processes that know a key drawn for the batch; no file of them is ever written or
read. On this ``PASSED`` of ``core/_imports.py`` rests: a source that unpickles could import anything.
"""

import functools
import hashlib
import json
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Client, Connection
from typing import Any, ParamSpec, TypeVar

import numpy as np

VARIABLE = "SHANHAI_SHARED"
"""Environment variable by which a batch says where its processes meet: address and key, in JSON."""

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def shared(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Have a batch call a function once for the same arguments.

    Parameters
    ----------
    function : callable
        Of a module, whose result depends on its arguments and the inputs of the batch alone. The result can
        be pickled; arguments that are equal but pickled differently are different ones, and with some that cannot be
        pickled the function is called as outside a batch, which costs time only. A generator of random numbers among
        the arguments is afterwards where the call leaves it.

    Examples
    --------
    >>> @shared
    ... def squares(to: int) -> list[int]:
    ...     return [number**2 for number in range(to)]
    >>> squares(4)
    [0, 1, 4, 9]
    """

    @functools.wraps(function)
    def wrapper(*arguments: _Given.args, **options: _Given.kwargs) -> _Made:
        # a function of a notebook has the name of any other notebook's
        in_batch = VARIABLE in os.environ and function.__module__ != "__main__"
        key = _key(function, arguments, options) if in_batch else None
        connection = _connected() if key else None
        if connection is None or key is None:
            return function(*arguments, **options)
        generators = [value for value in (*arguments, *options.values()) if isinstance(value, np.random.Generator)]
        with connection:
            content = _made_elsewhere(connection, key)
            if content is None:
                made = function(*arguments, **options)
                content = pickle.dumps((made, [each.bit_generator.state for each in generators]), protocol=5)
                with suppress(OSError):  # the batch has ended
                    connection.send_bytes(content)
        # also here as the others read it, so that all go on from the same; modules that it names the function stands on
        read: tuple[_Made, list[Any]] = pickle.loads(content)
        for generator, state in zip(generators, read[1], strict=True):
            generator.bit_generator.state = state
        return read[0]

    return wrapper


def _connected() -> Connection | None:
    """Connection to the batch that this process belongs to; None if it has ended."""
    address, key = json.loads(os.environ[VARIABLE])
    with suppress(OSError, EOFError):
        return Client(address, authkey=bytes.fromhex(key))
    return None


def _made_elsewhere(connection: Connection, key: bytes) -> bytes | None:
    """The result that another process has made or makes now; None if it is for this one to make."""
    with suppress(OSError, EOFError):
        connection.send_bytes(key)
        return connection.recv_bytes() or None
    return None


def _key(function: Callable[..., object], arguments: tuple[object, ...], options: dict[str, object]) -> bytes | None:
    """Hash of the name of a function and its arguments; None if one of these cannot be pickled, as an iterator."""
    name = f"{function.__module__}.{function.__qualname__}".encode()
    try:
        given = pickle.dumps((arguments, sorted(options.items())), protocol=5)
    except (pickle.PicklingError, TypeError, AttributeError):  # which of them depends on what is pickled
        return None
    return hashlib.sha256(hashlib.sha256(name).digest() + given).digest()
