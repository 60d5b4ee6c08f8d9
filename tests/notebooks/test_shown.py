"""What a run of a notebook leaves on disk: every number of uncertainty in a table is among the stored estimates."""

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from shanhai.paths import NOTEBOOKS
from shanhai.report.shown import missing_cells, uncertain_cells
from shanhai.run.notebook import execute_run
from shanhai.run.registered import Run, find_notebook


def test_tables_of_a_run_read_back_from_disk_are_covered_by_its_estimates(tmp_path: Path) -> None:
    parameters = {"place": "330824", "reference": "330000", "draws": 99}
    execute_run(Run("08", find_notebook(NOTEBOOKS, "08"), parameters), tmp_path)
    rows = json.loads((tmp_path / "parts" / "08.estimates.json").read_text(encoding="utf-8"))
    tables = {path.stem.partition("--")[2]: path for path in sorted((tmp_path / "tables").glob("*.csv"))}
    shown = set()
    for name, path in tables.items():
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        own = [SimpleNamespace(**row) for row in rows if name in row["tables"]]
        if list(uncertain_cells(frame)):
            shown.add(name)
            assert missing_cells(frame, own[len(own) // 2 :])  # half of them would not do
        assert not missing_cells(frame, own)
    assert shown == {"shares", "variance", "oaxaca"}
    assert all(row["se"] or row["p"] is not None or row["low"] is not None for row in rows)
    assert {row["notebook"] for row in rows} == {"08"}
    assert len({row["id"] for row in rows}) == len(rows)
