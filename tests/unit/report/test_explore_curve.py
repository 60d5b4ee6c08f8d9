"""The page of the curve holds every specification: options, estimate, interval, p and the main one."""

import json
import re
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ReportError
from shanhai.report.explore.curve import CurveData, curve_page
from shanhai.report.results import Exhibit, Results, Run
from shanhai.studies.robustness.design import border_grid

MAIN = dict(border_grid().main)


def specifications() -> pd.DataFrame:
    """Four specifications that differ in outcome and weights; the first is the main one."""
    varied = [{}, {"outcome": "lights_per_head"}, {"weights": "resident"}, {"outcome": "lights_per_km2"}]
    rows = pd.DataFrame([MAIN | change for change in varied])
    estimate = np.array([-0.117, -0.25, 0.031, -0.4])
    numbers = {"estimate": estimate, "low": estimate - 0.06, "high": estimate + 0.06, "p": [0.0001, 0.04, 0.6, 0.05]}
    return rows.assign(**numbers, is_main=[True, False, False, False])


def results(folder: Path, table: pd.DataFrame) -> Results:
    file = folder / "curve.csv"
    table.to_csv(file, index=False)
    figure = Exhibit("figure", "curve", "13-check-robustness--curve", "", {"csv": file})
    run = Run("13-check-robustness", "13-check-robustness", {}, "en", folder, {"figure curve": figure}, {})
    return Results(folder, {"en": {run.name: run}, "zh": {run.name: replace(run, language="zh")}}, {})


def data_of(text: str) -> dict:
    (inside,) = re.findall(r'id="data">(.*?)</script>', text)
    return json.loads(inside)


def test_a_page_holds_each_specification_with_its_options(tmp_path: Path) -> None:
    table = specifications()
    held = data_of(curve_page(CurveData.of(results(tmp_path, table)), "en").html)
    arrays = {key: np.frombuffer(b64decode(held[key]), "<f4") for key in ("estimate", "half", "p")}
    assert arrays["estimate"] == pytest.approx(table["estimate"].to_numpy(), rel=1e-6)
    assert arrays["half"] == pytest.approx([0.06] * 4, rel=1e-6)
    assert list(arrays["p"] < 0.05) == [True, True, False, False]
    assert held["main"] == 0
    packed, taken = np.frombuffer(b64decode(held["options"]), "<u4"), []
    for choice in reversed(held["choices"]):
        keys = [option["key"] for option in choice["options"]]
        taken.append([keys[at] for at in packed % len(keys)])
        packed = packed // len(keys)
    names = [choice["key"] for choice in held["choices"]]
    decoded = pd.DataFrame(dict(zip(reversed(names), taken, strict=True)))
    assert decoded[list(MAIN)].equals(table[list(MAIN)].astype("str"))


def test_options_that_no_specification_takes_are_not_offered(tmp_path: Path) -> None:
    held = data_of(curve_page(CurveData.of(results(tmp_path, specifications())), "zh").html)
    offered = {choice["key"]: [option["name"] for option in choice["options"]] for choice in held["choices"]}
    assert offered["covariance"] == ["聚类到地级市"]
    assert offered["outcome"] == ["人均GDP", "人均灯光", "每平方千米灯光"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"is_main": False}, "have 0 main specifications"),
        ({"p": np.nan}, "some perhaps without an estimate"),
        ({"weights": "<b>"}, r"has options \['<b>'\] of 'weights'; allowed: county, resident"),
    ],
)
def test_data_that_are_no_curve_are_refused(tmp_path: Path, change: dict, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        curve_page(CurveData.of(results(tmp_path, specifications().assign(**change))), "en")


def test_a_figure_without_data_is_refused(tmp_path: Path) -> None:
    found = results(tmp_path, specifications())
    bare = replace(found.run("13-check-robustness").exhibit("figure", "curve"), files={})
    run = replace(found.run("13-check-robustness"), exhibits={"figure curve": bare})
    with pytest.raises(ReportError, match="has no csv"):
        CurveData.of(Results(tmp_path, {"en": {run.name: run}, "zh": {}}, {}))
