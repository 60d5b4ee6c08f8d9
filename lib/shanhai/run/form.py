"""Empty tables for a user's own figures, ready to be filled in and named in the settings."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from shanhai.core.errors import ParameterError
from shanhai.core.fields import fields_of
from shanhai.data.collaboration import empty_form
from shanhai.data.load import load_places, load_table
from shanhai.studies.collaboration.analysis import find_pair


def write_form(table: str, to: Path, pair: str, years: Sequence[int]) -> list[str]:
    """Write an empty table and say what to do with it.

    Parameters
    ----------
    table : str
        ``collaboration``: a target and a result of each indicator and year, in its unit, without values.
        ``later_figures``: the columns alone.
    to : Path
        A ``.csv`` that is not there yet, so that no filled one is lost.
    pair : str
        With ``collaboration``: as :func:`shanhai.studies.collaboration.analysis.find_pair` takes it.
    years : sequence of int
        With ``collaboration``: of the figures.

    Raises
    ------
    ParameterError
        If the file is there, its name does not end in .csv, or the pair is unknown.
    ValidationError
        For years out of range.
    """
    if to.suffix != ".csv" or to.exists():
        why = "is there already" if to.exists() else "is no .csv"
        raise ParameterError(f"--to {to} {why}; allowed: a .csv that is not there yet. Give another name.")
    if table == "collaboration":
        found = find_pair(pair, load_table("pairings"), load_places())
        form = empty_form(load_table("collaboration_indicators"), found, years)
    else:
        form = pd.DataFrame(columns=[field.column for field in fields_of(table)])
    to.parent.mkdir(parents=True, exist_ok=True)
    form.to_csv(to, index=False, lineterminator="\n")
    path = json.dumps(to.resolve().as_posix(), ensure_ascii=False)
    return [f"{to}: {len(form)} rows to fill in", "Next, in .shanhai.toml:", "[replace]", f"{table} = {path}"]
