"""Every line of ours in the tables for those who come from another program runs as it stands, from top to bottom."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shanhai.core.paths import ROOT
from shanhai.methods.did import Differences

PAGE = (ROOT / "lib" / "docs" / "coming-from.md").read_text(encoding="utf-8")
_UNESCAPED_BAR = re.compile(r"(?<!\\)\|")


def tables() -> dict[str, list[tuple[str, str]]]:
    """Their line and ours of each table, by its heading."""
    found: dict[str, list[tuple[str, str]]] = {}
    for section in PAGE.partition("## Where we send you")[0].split("\n## ")[1:]:
        rows = [
            [cell.strip() for cell in _UNESCAPED_BAR.split(line)[1:-1]]
            for line in section.splitlines()
            if line.startswith("| ") and line.endswith("` |")
        ]
        if rows:
            found[section.partition("\n")[0]] = [(" ".join(row[:-1]), row[-1].strip("`")) for row in rows]
    return found


def drawn() -> dict[str, Any]:
    """What the lines name: a panel of 40 firms in 10 states over ten years, and what is made of it."""
    rng = np.random.default_rng(7)
    firm = np.repeat(np.arange(40), 10)
    data = pd.DataFrame({"firm": firm, "state": firm % 10, "year": np.tile(np.arange(2001, 2011), 40)})
    east, north = rng.uniform(0, 20, (2, 40))
    data = data.assign(
        lon=east[firm], lat=north[firm], x=rng.normal(size=400), z=rng.normal(size=400),
        d=rng.integers(0, 2, 400).astype(float), g=(firm < 12).astype(float), w=rng.uniform(1, 2, 400),
        group=firm % 2 == 0,
    )  # fmt: skip
    data["y"] = 10 + data["x"] + 0.5 * data["z"] + rng.normal(size=400)
    panel = data.pivot(index="firm", columns="year", values="y")
    panel.index = [f"u{number:02d}" for number in range(40)]
    gaps = Differences(np.array([0.02, -0.01]), np.array([0.20, 0.25]), 0.01 * (np.eye(4) + 1), np.array([0.5, 0.5]))
    return {"data": data, "panel": panel, "differences": gaps, "indexed": data.set_index(["firm", "year"])}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    import pyfixest as pf
    import statsmodels.formula.api as smf

    held: dict[str, Any] = {}
    for example in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(compile(example, "coming-from.md", "exec"), held)
    held |= drawn()
    fit = held["fit"]
    held["long"] = fit("y ~ x + z + d", held["data"], vcov="HC1", coords=("lon", "lat"))
    held["treated"] = fit("y ~ d + x", held["data"], vcov="cluster:firm")
    with pytest.warns(pd.errors.Pandas4Warning, match="inplace"):  # of pyfixest's own making
        held["m"] = pf.feols("y ~ x | firm", held["data"])
    held["ols"] = smf.ols("y ~ x + z", held["data"]).fit()
    held["spec"] = fit("y ~ x + z", held["data"], vcov="cluster:firm", weights="w").spec
    return held


@pytest.mark.slow
@pytest.mark.parametrize("program", tables())
def test_our_lines_run(program: str, names: dict[str, Any]) -> None:
    """Rows of a table follow on each other, as ``result`` of one is asked in the next."""
    for theirs, line in tables()[program]:
        code = line.replace(r"\|", "|")
        try:
            exec(compile(code, theirs, "exec"), names)
        except Exception as error:
            raise AssertionError(f"{theirs}: {code} gives {type(error).__name__}: {error}") from error


def test_every_program_of_the_page_has_lines() -> None:
    lines = tables()
    assert set(lines) == {"Stata", "R", "Python"}
    assert all(len(rows) >= 10 for rows in lines.values())


def test_errors_that_the_page_sets_beside_each_other_are_the_same() -> None:
    """linearmodels counts all effects, and G/(G-1) only with group_debias: that is areg's factor."""
    from linearmodels import PanelOLS

    from shanhai.methods import fit

    held = drawn()
    model = PanelOLS.from_formula("y ~ x + EntityEffects + TimeEffects", held["indexed"])
    theirs = model.fit(cov_type="clustered", cluster_entity=True, group_debias=True)
    without = model.fit(cov_type="clustered", cluster_entity=True)
    ours = fit("y ~ x | firm + year", held["data"], vcov="cluster:firm areg")
    assert ours.se[0] == pytest.approx(theirs.std_errors["x"], rel=1e-9)
    assert ours.se[0] == pytest.approx(without.std_errors["x"] * np.sqrt(40 / 39), rel=2e-3)
    assert 'group_debias=True)` | `fit("y ~ x \\| firm + year", data, vcov="cluster:firm areg")`' in PAGE


def test_where_results_of_other_programs_stand_here(names: dict[str, Any]) -> None:
    """Each attribute of the table by what is there holds the numbers of statsmodels."""
    fit, theirs = names["fit"], names["ols"]
    ours = fit("y ~ x + z", names["data"], vcov="iid")
    assert ours.params == pytest.approx(theirs.params.to_numpy())
    assert ours.se == pytest.approx(theirs.bse.to_numpy())
    assert ours.p == pytest.approx(theirs.pvalues.to_numpy())
    assert ours.covariance == pytest.approx(theirs.cov_params().to_numpy())
    assert ours.n == theirs.nobs
    assert ours.residuals == pytest.approx(theirs.resid.to_numpy())
    assert ours.fitted.to_numpy() == pytest.approx(theirs.fittedvalues.to_numpy())
