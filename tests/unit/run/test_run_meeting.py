"""Results that processes of a batch share: made once, given to all, never kept."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client

import numpy as np
import pandas as pd
import pytest

from shanhai.core import shared as sharing
from shanhai.core.shared import VARIABLE, shared
from shanhai.run.forked import FORK_IS_SAFE
from shanhai.run.meeting import meeting

pytestmark = pytest.mark.skipif(not FORK_IS_SAFE, reason="batches share results on Linux only")

calls: list[object] = []


@pytest.fixture(autouse=True)
def no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    calls.clear()


@shared
def doubled(frame: pd.DataFrame, *, by: int = 2) -> pd.DataFrame:
    calls.append(by)
    time.sleep(0.2)
    return frame * by


@shared
def drawn(rng: np.random.Generator, count: int) -> list[float]:
    calls.append(count)
    return [float(value) for value in rng.normal(size=count)]


@shared
def total(values: Iterable[int]) -> int:
    calls.append("total")
    return sum(values)


@shared
def refused(value: int) -> int:
    calls.append(value)
    raise ValueError(f"{value} is too few")


FRAME = pd.DataFrame({"name": ["衢州", "巴中"], "value": [0.1 + 0.2, np.nan]}, columns=["value"])


def test_outside_a_batch_every_call_is_a_call() -> None:
    assert doubled(FRAME) is not doubled(FRAME)
    assert calls == [2, 2]


def test_in_a_batch_one_makes_and_the_others_wait() -> None:
    with meeting(), ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: doubled(FRAME), range(4)))
    assert calls == [2]
    for result in results:
        pd.testing.assert_frame_equal(result, FRAME * 2, check_exact=True)
    results[0].loc[0, "value"] = 5.0  # each has its own
    assert results[1].loc[0, "value"] == 2 * (0.1 + 0.2)


def test_a_process_of_its_own_gets_the_result() -> None:
    code = (
        "from importlib.util import module_from_spec, spec_from_file_location\n"
        f"spec = spec_from_file_location({__name__!r}, {__file__!r})\n"
        "module = module_from_spec(spec)\nspec.loader.exec_module(module)\n"
        "print(module.doubled(module.FRAME).to_csv(), module.calls)"
    )
    with meeting():
        expected = doubled(FRAME).to_csv()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{expected} []\n"


def test_other_arguments_are_another_result_and_so_is_another_function() -> None:
    changed = FRAME.assign(value=[0.3, np.nan])  # differs in the last digit
    with meeting():
        first, second, third = doubled(FRAME), doubled(changed), doubled(FRAME, by=3)
        drawn(np.random.default_rng(1), 2)
    assert len({frame.to_csv() for frame in (first, second, third)}) == 3
    assert calls == [2, 2, 3, 2]


def test_nothing_outlives_the_batch() -> None:
    for _ in range(2):
        with meeting():
            doubled(FRAME)
            address, _key = json.loads(os.environ[VARIABLE])
        assert VARIABLE not in os.environ
        assert not os.path.exists(address)
    assert calls == [2, 2]


def test_each_is_told_of_an_error_by_its_own_call() -> None:
    with meeting():
        for _ in range(2):
            with pytest.raises(ValueError, match="3 is too few"):
                refused(3)
    assert calls == [3, 3]


def test_if_the_process_that_makes_it_dies_the_next_one_makes_it() -> None:
    with meeting():
        address, authkey = json.loads(os.environ[VARIABLE])
        key = sharing._key(doubled.__wrapped__, (FRAME,), {})  # type: ignore[attr-defined]
        maker = Client(address, authkey=bytes.fromhex(authkey))
        maker.send_bytes(key)
        assert maker.recv_bytes() == b""
        waiting = threading.Thread(target=lambda: doubled(FRAME))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert calls == []
        maker.close()
        waiting.join()
        doubled(FRAME)
    assert calls == [2]


def test_a_generator_goes_on_from_where_the_call_leaves_it() -> None:
    alone = np.random.default_rng(7)
    expected = drawn(alone, 3), float(alone.normal())
    with meeting():
        for _ in range(2):
            rng = np.random.default_rng(7)
            assert (drawn(rng, 3), float(rng.normal())) == expected
    assert calls == [3, 3]


def test_what_cannot_be_compared_is_called() -> None:
    with meeting():
        for _ in range(2):
            assert total(number for number in (1, 2)) == 3
    assert calls == ["total", "total"]


def test_a_batch_that_has_ended_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    with meeting():
        old = os.environ[VARIABLE]
    monkeypatch.setenv(VARIABLE, old)
    doubled(FRAME)
    assert calls == [2]


def test_a_stranger_is_not_heard_and_keeps_nobody_from_it() -> None:
    with meeting():
        address, _ = json.loads(os.environ[VARIABLE])
        assert os.stat(os.path.dirname(address)).st_mode & 0o077 == 0
        with pytest.raises(AuthenticationError):
            Client(address, authkey=b"guessed")
        doubled(FRAME)
    assert calls == [2]
