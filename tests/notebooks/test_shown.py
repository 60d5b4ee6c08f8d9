"""Every number of uncertainty that a notebook's tables show is among its stored estimates, read back from disk.

``publish_table`` refuses a table that shows more, so every notebook that runs (nbval runs them all) has passed. Here
the cells of some are executed in this process, with few draws and without drawing, and what they leave is compared.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from cells import executed

import shanhai.render
import shanhai.render.publish
from shanhai.core.paths import NOTEBOOKS, OUTPUT_VARIABLE, RUN_VARIABLE
from shanhai.methods.records import EstimateRecord
from shanhai.render._shown import missing_cells, uncertain_cells
from shanhai.render.stored import store_shown
from shanhai.run.merged import KINDS
from shanhai.run.runs import find_notebook

READABLE = ("sample", "outcome", "quantity", "model", "term", "statistic", "estimand", "vcov", "method")
"""Fields that tell a reader what a number is."""


def ambiguous(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What records of different values have in common, where no readable field tells them apart."""
    values: dict[tuple[Any, ...], set[float]] = {}
    for row in rows:
        names = tuple(row.get(name) for name in READABLE)
        values.setdefault(names, set()).add(round(row.get("estimate", row.get("value")), 9))
    return [names for names, several in values.items() if len(several) > 1]


def test_records_that_only_an_id_tells_apart_are_ambiguous() -> None:
    record = EstimateRecord("s", "y", "m", "x", 1.0, 9, "HC3", se=0.1, design_id="a").record()
    assert ambiguous([record, record | {"estimate": 2.0, "spec_id": "b"}])
    assert not ambiguous([record, record | {"estimate": 2.0, "model": "m, until 2007"}])


@pytest.mark.parametrize("number", ["07", "08", "10", "12"])
def test_tables_read_back_from_disk_are_covered_by_the_estimates_of_the_run(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(_: object, name: str, __: str = "", estimates: Any = (), data: object = None) -> None:
        store_shown(estimates, figure=name)

    for module in (shanhai.render, shanhai.render.publish):
        monkeypatch.setattr(module, "publish_figure", shown)
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    monkeypatch.setenv(RUN_VARIABLE, number)
    assert list(executed(find_notebook(NOTEBOOKS, number)))

    files = {kind: tmp_path / "parts" / f"{number}.{kind}.json" for kind in KINDS}
    parts = {kind: json.loads(file.read_text("utf-8")) if file.exists() else [] for kind, file in files.items()}
    rows = parts["estimates"] + parts["tests"]
    tables = {path.stem.partition("--")[2]: path for path in sorted((tmp_path / "tables").glob("*.csv"))}
    assert tables.keys() >= {name for row in rows for name in row["tables"]}
    for name, path in tables.items():
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        own = [SimpleNamespace(**row) for row in rows if name in row["tables"]]
        assert not missing_cells(frame, own), name
        assert bool(list(uncertain_cells(frame))) <= bool(own), name
        known = {repr(getattr(row, "estimate", None)) for row in own}
        assert not own or {value for value in frame.get("estimate", ()) if value} <= known, name
    sure = ("se", "p", "low", "null_low")
    assert all(any(row.get(name) is not None for name in sure) or row["p_other"] for row in rows)
    assert all(bool(row["vcov"] or row["method"]) and row["unit"] for row in rows)
    assert not any(ambiguous(members) for members in parts.values())
    assert {row["notebook"] for row in rows} <= {number}
    assert len({row["id"] for row in rows}) == len(rows)
