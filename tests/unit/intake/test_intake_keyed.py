"""Faults of claims, pairings and figures of collaborations are told by the rows of the user's file."""

from pathlib import Path

import pytest

from shanhai.data.load import load_table
from shanhai.intake.importing import _finder
from shanhai.intake.keyed import wrong_rows
from shanhai.run.cli import main


def fault(table: str, settings: Path, *changes: dict[str, object]) -> list[str]:
    """Import one row of ours for each set of changes; the arguments of the command."""
    frame = load_table(table, corrected=False)
    rows = frame.iloc[[1] * len(changes)].astype(object).reset_index(drop=True)
    for number, change in enumerate(changes):
        for column, value in change.items():
            rows.loc[number, column] = value
    path = settings.parent / "mine.csv"
    rows.to_csv(path, index=False)
    return ["data", "import", str(path), "--as", table]


@pytest.mark.parametrize("table", ["claims", "pairings", "collaboration"])
def test_our_own_rows_have_no_fault(table: str) -> None:
    frame = load_table(table, corrected=False)
    rows = frame.assign(source_row=range(2, len(frame) + 2))
    assert wrong_rows(table, rows, frame, _finder()) == []


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        ("claims", [{}, {}], "row 3: the same key stands in row 2"),
        ("claims", [{"gist": "a\nb"}], "row 2, column 'gist': 'a\\nb': a line break"),
        ("claims", [{"id": "my claim"}], "row 2, column 'id': 'my claim': a claim is a capital letter"),
        ("claims", [{"part_of": "Q999"}], "'Q999': there is no such other claim"),
        ("claims", [{"same_as": "Z99"}], "'Z99': there is no such other claim"),
        ("claims", [{"statements": "N0046;N9999"}], "'N9999': there is no such statement"),
        ("pairings", [{}, {"note": "x"}], "row 3: the same key stands in row 2"),
        ("pairings", [{"sea_name_zh": "鄞州区"}], "'鄞州区': the name of 330212, not of 330110"),
        ("pairings", [{"sea_code": "330802"}], "'330802': a place is paired with itself"),
        ("collaboration", [{"value": 2.5}], "column 'value': 2.5: a part of what is counted"),
        ("collaboration", [{"year": 2035}], "column 'year': 2035: a result of a year that has not begun"),
    ],
)
def test_a_fault_is_told_by_row_and_column_and_leaves_nothing(
    table: str, changes: list[dict[str, object]], message: str, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*fault(table, settings, *changes), "--language", "en"]) == 1
    assert message in capsys.readouterr().err
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]
