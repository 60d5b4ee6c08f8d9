"""A copy of a bundled table in its place changes nothing: the same table, log and county frame, byte for byte."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from shanhai.core import fields, sources
from shanhai.core.paths import DATA
from shanhai.data import build_county_frame, load_corrections, load_table
from shanhai.data.frames.panel import TABLES, _assemble

Copy = Callable[[bytes], bytes]


def shuffled(content: bytes) -> bytes:
    """The rows of a table in another order; quoted values may hold commas, but no line end."""
    header, *rows = content.decode().splitlines()
    order = pd.Series(rows, dtype=str).sample(frac=1, random_state=7)
    return "\n".join([header, *order, ""]).encode()


COPIES: dict[str, Copy] = {
    "exact": lambda content: content,
    "shuffled, as Windows saves it": lambda content: b"\xef\xbb\xbf" + shuffled(content).replace(b"\n", b"\r\n"),
}


@pytest.fixture(params=COPIES)
def replaced(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Put copies of all bundled tables in their place, of one kind."""
    for name in fields.table_names():
        copied = COPIES[request.param]((DATA / f"{name}.csv").read_bytes())
        (tmp_path / f"my {name}.csv").write_bytes(copied)
    lines = [f'{name} = "my {name}.csv"' for name in fields.table_names()]
    (tmp_path / "settings.toml").write_text("\n".join(["[replace]", *lines]), encoding="utf-8")
    return lambda: monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(tmp_path / "settings.toml"))


def test_a_copy_of_every_table_gives_the_same_tables_corrections_and_county_frame(
    replaced: Callable[[], None], geography: pd.DataFrame
) -> None:
    frame = build_county_frame()
    ours = {name: (load_table(name), load_corrections(name)) for name in fields.table_names()}
    replaced()
    for name, (table, log) in ours.items():
        assert sources.is_replaced(name)
        pd.testing.assert_frame_equal(load_table(name), table, check_exact=True)
        pd.testing.assert_frame_equal(load_corrections(name), log, check_exact=True)
    again = _assemble({name: load_table(name) for name in TABLES}, geography, load_corrections("county_gdp"))
    assert again.to_csv(index=False) == frame.to_csv(index=False)
