"""A few rounds of the harness that disturbs batches at random; see ``break_runner.py`` for many."""

import importlib.util
import os
from pathlib import Path

import pytest

KINDS = ("full disk", "foreign manifest")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_disturbed_batches_end_and_lose_nothing() -> None:
    specification = importlib.util.spec_from_file_location("break_runner", Path(__file__).with_name("break_runner.py"))
    assert specification is not None and specification.loader is not None
    harness = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(harness)
    tallies = harness.break_runner(len(KINDS), seed=7, kinds=KINDS, notebooks=3)
    assert {kind: tally.rounds for kind, tally in tallies.items()} == dict.fromkeys(KINDS, 1)
    assert {kind: tally for kind, tally in tallies.items() if not tally.is_clean()} == {}
