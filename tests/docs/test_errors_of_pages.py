"""Errors that the pages on Conley, clusters and the wild bootstrap print, computed anew from R's quakes."""

import ast
import re

import numpy as np
import pandas as pd
import pytest

from shanhai.core.paths import ROOT
from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, cluster_forms, fit, wild_test
from shanhai.methods.spec import ssc
from shanhai.render.numbers import format_p_value

DOCS = ROOT / "lib" / "docs"


def rows(page: str, language: str = "") -> list[list[str]]:
    """Cells of every table of a page."""
    text = (DOCS / language / f"{page}.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|") and not set(line) <= set("|-")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def quakes() -> pd.DataFrame:
    return pd.read_csv(ROOT / "tests" / "reference" / "data" / "quakes.csv")


def panel() -> pd.DataFrame:
    frame, row = quakes(), np.arange(1000)
    place = frame[["long", "lat"]].to_numpy()[row % 200]
    columns = {"place": row % 200, "year": 2000 + row // 200, "long": place[:, 0], "lat": place[:, 1]}
    return frame.assign(**columns)


def error(frame: pd.DataFrame, covariance: CovarianceSpec, terms=("mag",), effects=()) -> str:
    variables = tuple(Variable(name) for name in terms)
    spec = RegressionSpec(Variable("depth"), variables, SampleSpec("q", "q"), covariance, fixed_effects=effects)
    result = fit(spec, frame)
    return f"{result.se[result.position('mag')]:.3f}"


def arguments(setting: str) -> dict[str, object]:
    """Keyword arguments that a cell has in back-ticks; none where it has words."""
    code = re.findall(r"`([^`]*)`", setting)
    call = ast.parse(f"f({code[0] if code else ''})", mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}


@pytest.mark.parametrize("language", ["", "zh"])
def test_errors_by_the_distances_of_programs(language):
    tables = [cells for cells in rows("conley", language) if len(cells) == 8][1:]
    frame = quakes()
    for _, setting, *printed in tables:
        how = arguments(setting) if "=" in setting else {}
        found = [
            error(frame, CovarianceSpec.conley(kernel, cutoff, ("long", "lat"), **how))
            for kernel in ("uniform", "bartlett")
            for cutoff in (100, 200, 500)
        ]
        assert printed == found
    assert len(tables) == 5


@pytest.mark.parametrize("language", ["", "zh"])
def test_errors_of_panels(language):
    tables = [cells for cells in rows("conley", language) if len(cells) == 4][1:]
    limits = {4: (19_000, 2), 5: (1e-6, 1)}  # rows that change the cutoff of another
    frame = panel()
    for place, cells in enumerate(tables):
        cutoff, like = limits.get(place, (100, place))
        how = arguments(tables[like][1]) if "=" in tables[like][1] else {}
        covariance = CovarianceSpec.conley("uniform", cutoff, ("long", "lat"), **how)
        assert cells[3] == error(frame, covariance, ("mag", "stations"), ("place",))
    assert len(tables) == 6


@pytest.mark.parametrize("language", ["", "zh"])
def test_errors_by_the_name_of_a_program(language):
    frame = quakes().assign(cell=lambda rows: rows["long"] // 0.5)
    tables = [cells for cells in rows("cluster-covariances", language) if re.fullmatch(r"\d+\.\d+", cells[2])]
    for names, _, printed in tables:
        for name in re.findall(r"`([^`]*)`", names):
            factor = ssc(k_fixef="none") if name.startswith("ssc") else name
            covariance = CovarianceSpec("cluster", ("cell",), factor)
            assert error(frame, covariance, ("mag", "stations"), ("cell",)) == printed
    assert len(tables) == 5


@pytest.mark.parametrize("language", ["", "zh"])
def test_p_values_of_the_kinds_of_wild_bootstrap(language):
    frame = quakes()
    tables = [cells for cells in rows("wild-bootstrap", language) if cells[0].startswith("WC")]
    for name, *printed in tables:
        found = [
            wild_test(
                cluster_forms(
                    frame["depth"], frame[["mag", "stations"]], frame["long"] // 2, 1, bootstrap=f"{name[:3]}{digits}"
                )
            ).p
            for digits in (11, 13, 31, 33)
        ]
        assert printed == [format_p_value(p) for p in found]
    assert len(tables) == 2
