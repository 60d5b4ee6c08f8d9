"""Hostile input at every public estimator of half the model: a right number, or an error that says what to do.

Each estimator is called with a clean input, and then with that input in every form that users hand in: other types,
missing and infinite values, labels twice or of another frame, series that do not vary, periods out of order, a seed in
place of a generator. What is only another form of the same figures must give the same figures; what is worse must give
finite ones or an error of the project.
"""

import dataclasses
import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from simulated_policy import Country, simulate_country

from shanhai.core.errors import ShanhaiError
from shanhai.methods import composite, convergence, decomposition, did, synthetic
from shanhai.methods.convergence import inequality
from shanhai.methods.decomposition import OaxacaDesign, SharesDesign, TermGroup
from shanhai.methods.did import (
    Differences,
    EventStudy,
    PolicyDesign,
    UnitPermutation,
    breakdown,
    build_panel,
    contrast,
    differences_of,
    effect,
    event_study,
    permute_clusters,
    permute_units,
    placebo_regions,
    pre_trend,
    relative_magnitudes,
    smoothness,
    wild_effect,
)
from shanhai.methods.placebo import partners
from shanhai.methods.regression import families, growth
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
from shanhai.methods.synthetic import sdid
from shanhai.studies.convergence import beta
from shanhai.studies.convergence.design import Period, convergence_spec
from shanhai.studies.convergence.panel import add_periods, levels
from shanhai.studies.new_border import adjacent_counties as counties
from shanhai.studies.new_border import nine_prefectures as prefectures
from shanhai.studies.new_border import pair_design
from shanhai.studies.pairing import analysis as pair_analysis
from shanhai.studies.pairing import cities, emigration
from shanhai.studies.pairing.design import PairingSpec
from shanhai.studies.ranking import analysis as ranking_analysis
from shanhai.studies.ranking.analysis import rank_counties, spread_by_concentration
from shanhai.studies.ranking.design import INDICATORS
from shanhai.studies.ranking.values import county_types
from shanhai.studies.targets import follow
from shanhai.studies.targets.follow import TargetSpec, annual_growth

Inputs = dict[str, Any]
Change = Callable[[Any], Any]
Kinds = Mapping[str, tuple[Change, str]]
"""Changes by name, each with what may come of it (``OUTCOMES``)."""

OUTCOMES = {
    "same": "the figures of the clean input",
    "refused": "an error of the project",
    "same or refused": "one of the two",
    "finite or refused": "finite figures, or an error of the project",
    "missing": "an error of the project, or the figures without the unit",
    "as floats": "what the same values give as floats",
    "left missing": "the figures of the clean input, one or a few of them missing",
    "finite or infinite": "figures, none missing",
}


# ---- the forms -------------------------------------------------------------------------------------------------------


def put(column: Any, value: object) -> Any:
    """The column with a value in its second place, or in the second place of its second row."""
    changed = column.copy()
    target: Any = changed.iloc if isinstance(changed, pd.Series | pd.DataFrame) else changed
    target[(1,) * column.ndim] = value
    return changed


def coded(labels: pd.Series) -> pd.Series:
    """Labels as whole numbers in the same order."""
    return pd.Series(pd.factorize(labels, sort=True)[0], index=labels.index, name=labels.name)


def as_text(values: pd.Series | pd.DataFrame) -> pd.Series | pd.DataFrame:
    return values.astype("int64").astype(str)


def above_median(values: pd.Series | pd.DataFrame) -> pd.Series | pd.DataFrame:
    return values > np.median(values)


def constant_column(table: pd.DataFrame) -> pd.DataFrame:
    changed = table.copy()
    changed.isetitem(1, [table.iloc[0, 1]] * len(table))
    return changed


NUMBERS: Kinds = {
    "int": (lambda s: s.astype("int64"), "same"),
    "Int64": (lambda s: s.astype("Int64"), "same"),
    "object": (lambda s: s.astype(object), "same"),
    "text": (as_text, "refused"),
    "boolean": (above_median, "as floats"),
    "pd.NA": (lambda s: put(s.astype("Int64"), pd.NA), "missing"),
    "NaN": (lambda s: put(s.astype(float), np.nan), "missing"),
    "inf": (lambda s: put(s.astype(float), np.inf), "refused"),
    "constant": (lambda s: s * 0 + s.iloc[0], "finite or refused"),
}
WEIGHTS: Kinds = {
    **{name: kind for name, kind in NUMBERS.items() if name != "boolean"},
    "negative": (lambda s: put(s, -1.0), "refused"),
    "zero": (lambda s: put(s, 0.0), "refused"),
}
MARKS: Kinds = {
    "int": (lambda s: s.astype("int64"), "same"),
    "Int64": (lambda s: s.astype("Int64"), "same"),
    "float": (lambda s: s.astype(float), "same"),
    "nullable": (lambda s: s.astype("boolean"), "same"),
    "object": (lambda s: s.astype(object), "same"),
    "text": (lambda s: s.astype(str), "refused"),
    "pd.NA": (lambda s: put(s.astype("boolean"), pd.NA), "missing"),
    "NaN": (lambda s: put(s.astype(object), np.nan), "missing"),
    "two": (lambda s: put(s.astype("int64"), 2), "refused"),
    "constant": (lambda s: s & False, "finite or refused"),
}
LABELS: Kinds = {
    "int": (coded, "same"),
    "Int64": (lambda s: coded(s).astype("Int64"), "same"),
    "string": (lambda s: s.astype("string"), "same"),
    "category": (lambda s: s.astype("category"), "same"),
    "pd.NA": (lambda s: put(s.astype("string"), pd.NA), "missing"),
    "NaN": (lambda s: put(s.astype(object), np.nan), "missing"),
    "mixed": (lambda s: put(s.astype(object), 1), "refused"),
    "one": (lambda s: pd.Series("a", index=s.index), "finite or refused"),
}
BY_UNIT: Kinds = {
    "shuffled": (lambda s: s.iloc[::-1], "same"),
    "duplicate index": (lambda s: s.set_axis([s.index[0], *s.index[:-1]]), "refused"),
    "another frame": (lambda s: s.set_axis([f"other {label}" for label in s.index]), "refused"),
}
ARRAY: Kinds = {
    "int": (lambda a: a.astype(np.int64), "same"),
    "object": (lambda a: a.astype(object), "same"),
    "list": (lambda a: a.tolist(), "same"),
    "text": (lambda a: a.astype(int).astype(str), "refused"),
    "boolean": (lambda a: a > np.median(a), "as floats"),
    "NaN": (lambda a: put(a, np.nan), "refused"),
    "pd.NA": (lambda a: put(a.astype(object), pd.NA), "refused"),
    "inf": (lambda a: put(a, np.inf), "refused"),
    "one number": (lambda a: a.flat[0], "refused"),
    "empty": (lambda a: a[:0], "refused"),
    "constant": (lambda a: a * 0 + a.flat[0], "finite or refused"),
}
TABLE: Kinds = {
    **{name: kind for name, kind in NUMBERS.items() if name != "constant"},
    "duplicate index": (lambda f: f.set_axis([f.index[0], *f.index[:-1]]), "refused"),
    "duplicate columns": (lambda f: f.set_axis([f.columns[0], *f.columns[:-1]], axis=1), "refused"),
    "identical series": (lambda f: f * 0 + f.iloc[0], "finite or refused"),
    "constant column": (constant_column, "finite or refused"),
    "empty": (lambda f: f.iloc[:0], "refused"),
    "one row": (lambda f: f.iloc[:1], "finite or refused"),
}
PANEL: Kinds = {
    **TABLE,
    "text years": (lambda f: f.set_axis(f.columns.astype(str), axis=1), "same"),
    "reversed years": (lambda f: f.iloc[:, ::-1], "same or refused"),
    "years that are none": (lambda f: f.set_axis([f"y{year}" for year in f.columns], axis=1), "refused"),
    "years with a gap": (lambda f: f.drop(columns=f.columns[3]), "finite or refused"),
}
FOREIGN: Kinds = {"another frame": (lambda f: f.set_axis([f"other {label}" for label in f.index]), "refused")}
ROWS: Kinds = {
    "duplicate index": (lambda f: f.set_axis([7] * len(f)), "same"),
    "duplicate columns": (lambda f: pd.concat([f, f], axis=1), "refused"),
    "shuffled": (lambda f: f.iloc[::-1], "same"),
    "empty": (lambda f: f.iloc[:0], "refused"),
    "too few rows": (lambda f: f.iloc[:2], "finite or refused"),
    "no columns": (lambda f: f[[]], "refused"),
}
RNG: Kinds = {
    "number": (lambda _: 1, "refused"),
    "none": (lambda _: None, "refused"),
    "old generator": (lambda _: np.random.RandomState(1), "refused"),
}
COUNT: Kinds = {
    "numpy": (np.int64, "same"),
    "negative": (lambda n: -n, "refused"),
    "NaN": (lambda _: np.nan, "refused"),
    "text": (str, "refused"),
    "fraction": (lambda n: n + 0.5, "refused"),
}
SCALAR: Kinds = {
    "int": (int, "same"),
    "numpy": (np.float64, "same"),
    "text": (str, "refused"),
    "NaN": (lambda _: np.nan, "refused"),
    "pd.NA": (lambda _: pd.NA, "refused"),
    "none": (lambda _: None, "refused"),
    "inf": (lambda _: np.inf, "refused"),
}
SHARE: Kinds = {
    "NaN": (lambda _: np.nan, "refused"),
    "text": (str, "refused"),
    "percent": (lambda s: 100 * s, "refused"),
    "negative": (lambda s: -s, "refused"),
}


# ---- the judge -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """An estimator with a clean input and the forms that its parts are put into."""

    run: Callable[..., Any]
    inputs: Callable[[], Inputs]
    kinds: Mapping[str, Kinds]
    """Forms by input, or by ``input.column`` of a frame."""
    without: Callable[[Inputs], Inputs] | None = None
    """The clean input without the unit in the second place, where a missing value may leave it out."""
    allow: Mapping[str, str] = field(default_factory=dict)
    """Another outcome than that of the kind, by ``input kind``; the comment says why."""


NOTES = ("dropped", "left_out", "rows")
"""Fields that say which rows were used and left out: with a missing value they differ from those without the unit."""


def figures(result: Any) -> list[float]:
    """All numbers of a result; frames and series in the order of their labels."""
    if result is None or isinstance(result, str | pd.Index | type):
        return []
    if isinstance(result, pd.DataFrame | pd.Series):
        frame = result.to_frame() if isinstance(result, pd.Series) else result
        frame = frame.sort_index() if frame.index.is_unique else frame
        numeric = frame.select_dtypes(["number", "bool"])
        return numeric.to_numpy(dtype=float, na_value=np.nan).ravel().tolist()
    if isinstance(result, np.ndarray):
        return [float(number) for number in result.ravel()] if result.dtype.kind in "biufO" else []
    if isinstance(result, Mapping):
        return [figure for value in result.values() for figure in figures(value)]
    if isinstance(result, list | tuple):
        return [figure for value in result for figure in figures(value)]
    if dataclasses.is_dataclass(result):
        return [
            figure
            for part in dataclasses.fields(result)
            if part.name not in NOTES
            for figure in figures(getattr(result, part.name))
        ]
    return [float(result)]


def outcome_of(case: Case, inputs: Inputs) -> list[float] | str:
    """Figures, or the message of an error of the project; any other error passes."""
    try:
        return figures(case.run(**inputs))
    except ShanhaiError as error:
        return str(error)


def changed(case: Case, where: str, change: Change) -> Inputs:
    inputs = case.inputs()
    name, _, column = where.partition(".")
    if column:
        part = inputs[name]
        inputs[name] = part.assign(**{column: change(part[column])})
    else:
        inputs[name] = change(inputs[name])
    return inputs


def floats(value: Any) -> Any:
    return np.asarray(value, dtype=float) if not hasattr(value, "astype") else value.astype(float)


@functools.cache
def clean(name: str) -> tuple[float, ...]:
    return tuple(figures(CASES[name].run(**CASES[name].inputs())))


def assert_figures(found: list[float] | str, wanted: list[float] | tuple[float, ...]) -> None:
    assert not isinstance(found, str), f"refused: {found}"
    np.testing.assert_allclose(found, list(wanted), rtol=1e-9, atol=1e-12)


def assert_outcome(case: Case, name: str, where: str, change: Change, wanted: str) -> None:
    assert wanted in OUTCOMES
    found = outcome_of(case, changed(case, where, change))
    if wanted == "as floats":
        other = outcome_of(case, changed(case, where, lambda value: floats(change(value))))
        assert isinstance(other, str) == isinstance(found, str), (found, other)
        if not isinstance(other, str):
            assert_figures(found, other)
            return
    if isinstance(found, str):
        assert wanted != "same", f"refused: {found}"
        assert re.search(r"allowed|needed|it has:|the frame has:|years with data:", found), f"no allowed set: {found}"
        assert re.search(r"[.;] [A-Za-z`].*\.$", found, re.DOTALL), f"no next step: {found}"
        return
    assert wanted not in ("refused", "as floats"), f"not refused: {found[:8]}"
    if wanted == "same" or wanted == "same or refused":
        assert_figures(found, clean(name))
    elif wanted == "left missing":
        assert len(found) == len(clean(name))
        assert np.isnan(found).any() and not np.isinf(found).any()
    elif wanted == "finite or infinite":
        assert found and not np.isnan(found).any()
    elif wanted == "missing":
        assert case.without is not None, f"not refused: {found[:8]}"
        assert_figures(found, figures(case.run(**case.without(case.inputs()))))
    else:
        assert found and (np.isfinite(found).all() or not np.isfinite(clean(name)).all()), found


# ---- clean inputs ----------------------------------------------------------------------------------------------------

UNITS = [f"u{unit:02d}" for unit in range(12)]
YEARS = list(range(2001, 2011))
INDICATOR_NAMES = ["i0", "i1", "i2", "i3"]


def whole(shape: tuple[int, ...], low: int = 20, high: int = 400, seed: int = 3) -> np.ndarray:
    """Whole numbers as floats, so that every form can hold them."""
    return np.random.default_rng(seed).integers(low, high, shape).astype(float)


def panel() -> pd.DataFrame:
    return pd.DataFrame(whole((12, 10)), index=UNITS, columns=YEARS)


def by_unit(low: int = 1, high: int = 9) -> pd.Series:
    return pd.Series(whole((12,), low, high), index=UNITS)


def cluster() -> pd.Series:
    return pd.Series(list("abcd") * 3, index=UNITS)


def indicators() -> pd.DataFrame:
    return pd.DataFrame(whole((6, 4), 1, 50), index=list("ABCDEF"), columns=INDICATOR_NAMES)


def directions() -> pd.Series:
    return pd.Series([1.0, -1.0, 1.0, 1.0], index=INDICATOR_NAMES)


def groups() -> pd.Series:
    return pd.Series(["x", "x", "y", "y"], index=INDICATOR_NAMES)


def systems() -> np.ndarray:
    return np.array([[1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]])


def one_weight() -> np.ndarray:
    return np.array([0.0, 1.0, 0.0, 0.0])


def states() -> pd.DataFrame:
    return pd.DataFrame(whole((12, 10), 0, 3), index=UNITS, columns=YEARS)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def but(kinds: Kinds, *names: str, **more: tuple[Change, str]) -> Kinds:
    """The kinds without some, and with others."""
    assert set(names) <= set(kinds)
    return {name: kind for name, kind in kinds.items() if name not in names} | more


def refused(**changes: Change) -> Kinds:
    return {name.replace("_", " "): (change, "refused") for name, change in changes.items()}


SIGNS = {**but(NUMBERS, "boolean", "constant"), **BY_UNIT, **refused(two=lambda s: put(s, 2.0))}
FRACTIONS = {
    **but(WEIGHTS, "int", "Int64", "constant", "pd.NA"),
    **BY_UNIT,
    **refused(adding_to_four=lambda s: 4 * s, pd_NA=lambda s: put(s.astype("Float64"), pd.NA)),
}
"""Weights that add up to one."""

SEED = refused(none=lambda _: None, negative=lambda s: -s, text=str, NaN=lambda _: np.nan, fraction=lambda s: s + 0.5)
POSITIVE = {**NUMBERS, **refused(negative=lambda s: put(s, -1.0), zero=lambda s: put(s, 0.0))}
NOT_NEGATIVE = {**NUMBERS, **refused(negative=lambda s: put(s, -1.0))}
CODES = {**refused(unknown=lambda _: ["nowhere"], empty=lambda _: [], twice=lambda c: [*c, c[0]], number=lambda _: [1])}


def without_unit(name: str) -> Callable[[Inputs], Inputs]:
    """Takes the second row out of the table of that name."""
    return lambda inputs: inputs | {name: inputs[name].drop(index=inputs[name].index[1])}


def choices(draws: Any = 4, seed: Any = 1) -> composite.Choices:
    return composite.Choices(("range", "rank"), ("mean", "topsis", "coordination"), 24.0, draws, seed)


def spread_of(values: Any, directions: Any, groups: Any, scheme: Any, draws: Any, seed: Any) -> composite.Spread:
    return composite.spread_scores(values, directions, groups, {"s": scheme}, choices(draws, seed))


def scheme() -> pd.Series:
    return pd.Series(0.25, index=INDICATOR_NAMES)


def spread_inputs() -> Inputs:
    return {
        "values": indicators(), "directions": directions(), "groups": groups(), "scheme": scheme(), "draws": 4,
        "seed": 1,
    }  # fmt: skip


@functools.cache
def small_spread() -> composite.Spread:
    return spread_of(**spread_inputs())


COMPOSITE = {
    "composite.normalise": Case(
        lambda values, directions: [
            composite.normalise(values, directions, way) for way in ("range", "deviation", "rank")
        ],
        lambda: {"values": indicators(), "directions": directions()},
        {"values": TABLE, "directions": SIGNS},
        allow={"values NaN": "left missing", "values pd.NA": "left missing"},  # as documented
    ),
    "composite.topsis": Case(
        composite.topsis,
        lambda: {
            "values": indicators(),
            "weights": pd.Series([1.0, 2, 3, 4], INDICATOR_NAMES),
            "directions": directions(),
        },
        {"values": TABLE, "weights": {**WEIGHTS, **BY_UNIT}, "directions": SIGNS},
        allow={"weights zero": "finite or refused"},  # an indicator without weight
    ),
    "composite.coupling": Case(
        lambda scores: [composite.coupling(scores, version) for version in ("standard", "modified")],
        lambda: {"scores": systems()},
        {"scores": ARRAY},
    ),
    "composite.coordination": Case(
        composite.coordination,
        lambda: {"scores": systems(), "weights": one_weight()},
        {"scores": ARRAY, "weights": {**ARRAY, **refused(adding_to_four=lambda a: 4 * a, negative=lambda a: -a)}},
    ),
    "composite.coordination_table": Case(
        composite.coordination_table,
        lambda: {
            "scores": pd.DataFrame(systems(), list("ABCD"), INDICATOR_NAMES),
            "weights": pd.Series([1.0, 2, 3, 4], INDICATOR_NAMES),
        },
        {"scores": TABLE, "weights": {**WEIGHTS, **BY_UNIT}},
        allow={"weights zero": "finite or refused"},
    ),
    "composite.grade": Case(composite.grade, lambda: {"degrees": one_weight()}, {"degrees": ARRAY}),
    "composite.ranks_of": Case(composite.ranks_of, lambda: {"scores": systems()}, {"scores": ARRAY}),
    "composite.score": Case(
        lambda scaled, weights, groups: [composite.score(scaled, weights, groups, way) for way in composite.METHODS[:2]]
        + [composite.score(scaled, weights, groups, "coordination")],
        lambda: {"scaled": systems(), "weights": np.full(4, 0.25), "groups": groups()},
        {
            "scaled": ARRAY,
            "weights": {**but(ARRAY, "int", "boolean"), **refused(adding_to_four=lambda a: 4 * a)},
            "groups": LABELS,
        },
    ),
    "composite.group_scores": Case(
        composite.group_scores,
        lambda: {"scaled": systems(), "weights": one_weight(), "groups": groups()},
        {"scaled": ARRAY, "weights": ARRAY, "groups": LABELS},
    ),
    "composite.closeness": Case(
        composite.closeness,
        lambda: {"scaled": systems(), "weights": one_weight()},
        {"scaled": ARRAY, "weights": {**ARRAY, **refused(negative=lambda a: -a)}},
    ),
    "composite.entropy_weights": Case(
        composite.entropy_weights,
        lambda: {"scaled": indicators()},
        {"scaled": TABLE},
        # left out of its own indicator only, as documented
        allow={"scaled NaN": "finite or refused", "scaled pd.NA": "finite or refused"},
    ),
    "composite.pca_weights": Case(
        composite.pca_weights, lambda: {"values": indicators()}, {"values": TABLE}, without=without_unit("values")
    ),
    "composite.group_weights": Case(composite.group_weights, lambda: {"groups": groups()}, {"groups": LABELS}),
    "composite.group_weights of names": Case(
        lambda weight: composite.group_weights(groups(), {"x": weight}, {"i0": weight}),
        lambda: {"weight": 2.0},
        {"weight": {**SCALAR, **refused(negative=lambda w: -w)}},
    ),
    "composite.parse_weights": Case(
        composite.parse_weights,
        lambda: {"entries": ["i0=2"], "groups": groups()},
        {
            "groups": LABELS,
            "entries": refused(
                number=lambda _: [2],
                none=lambda _: [None],
                NaN=lambda _: ["i0=nan"],
                negative=lambda _: ["i0=-1"],
                unknown=lambda _: ["z=1"],
                text=lambda _: "i0=2",
            ),
        },
    ),
    "composite.draw_weights": Case(
        composite.draw_weights,
        lambda: {"centre": scheme(), "groups": groups(), "concentration": 24.0, "draws": 3, "rng": rng()},
        {
            "centre": but(FRACTIONS, "shuffled"),
            "groups": {**LABELS, **BY_UNIT},
            "concentration": but(SCALAR, "int", "numpy"),
            "draws": COUNT,
            "rng": RNG,
        },
        allow={"centre zero": "refused"},  # the others no longer add up to one
    ),
    "composite.spread_scores": Case(
        spread_of,
        spread_inputs,
        {
            "values": TABLE,
            "directions": SIGNS,
            "groups": {**LABELS, **BY_UNIT},
            "scheme": FRACTIONS,
            "draws": COUNT,
            "seed": SEED,
        },
        # what is missing is drawn from other places, as documented
        allow={"values NaN": "finite or refused", "values pd.NA": "finite or refused"},
    ),
    "composite.rank_table": Case(
        lambda level: composite.rank_table(small_spread(), level), lambda: {"level": 0.9}, {"level": SHARE}
    ),
    "composite.among": Case(
        lambda places: composite.among(small_spread(), places), lambda: {"places": pd.Index(["A", "C"])},
        {"places": {**CODES, "list": (list, "same")}},
    ),
}  # fmt: skip

INEQUALITY = {
    f"inequality.{function.__name__}": Case(
        function,
        lambda: {"values": by_unit(2, 90), "people": by_unit()},
        {"values": NOT_NEGATIVE, "people": {**WEIGHTS, **BY_UNIT}},
    )
    for function in (inequality.theil, inequality.gini)
} | {
    f"inequality.{function.__name__}": Case(
        function,
        lambda: {"values": by_unit(2, 90), "people": by_unit(), "groups": cluster()},
        {"values": NOT_NEGATIVE, "people": {**WEIGHTS, **BY_UNIT}, "groups": {**LABELS, **BY_UNIT}},
    )
    for function in (inequality.theil_parts, inequality.gini_parts)
} | {
    "inequality.unweighted_inequality": Case(
        inequality.unweighted_inequality,
        lambda: {"values": by_unit(2, 90), "groups": cluster()},
        {"values": NOT_NEGATIVE, "groups": {**LABELS, **BY_UNIT}},
    ),
}  # fmt: skip


def family_of_tests() -> pd.DataFrame:
    return pd.DataFrame({"p": [0.0, 1.0, 1.0, 0.0]}, index=list("abcd"))


FAMILIES = {
    "families.adjust_family": Case(
        lambda estimates: families.adjust_family(estimates, ("holm", "bh", "by")),
        lambda: {"estimates": family_of_tests()},
        {
            "estimates": but(ROWS, "too few rows"),
            "estimates.p": {**NUMBERS, **refused(two=lambda s: put(s, 2.0), negative=lambda s: put(s, -1.0))},
        },
    ),
    "families.holm": Case(families.holm, lambda: {"p": np.array([1.0, 0.0, 0.0])}, {"p": ARRAY}),
    "families.romano_wolf": Case(
        families.romano_wolf,
        lambda: {"t": np.array([3.0, 0.0, 2.0]), "null_t": whole((9, 3), 0, 4)},
        {"t": ARRAY, "null_t": ARRAY},
    ),
}

MISSING_STAYS = {f"{name} {kind}": "left missing" for name in ("first", "last") for kind in ("NaN", "pd.NA", "none")}
SPAN = {"first": 2.0, "last": 4.0, "years": 3.0}
RATE, POINTS = (TargetSpec("share", 70.0, 2025, 2011, kind) for kind in ("growth", "points"))
PACES = {
    f"follow.annual_growth {name}".removesuffix(" growth"): Case(
        function,
        functools.partial(dict, values),
        dict.fromkeys(values, SCALAR),
        # a missing value gives a missing growth, as documented
        allow={f"{name} {kind}": "left missing" for name in list(values)[:2] for kind in ("NaN", "pd.NA", "none")},
    )
    for name, function, values in (
        ("growth", annual_growth, SPAN),
        ("as points", POINTS.pace, SPAN),
        ("carried on", RATE.carried_on, {"now": 2.0, "pace": 4.0, "years": 3.0}),
    )
}


def income_inputs() -> Inputs:
    links = pd.DataFrame({"code_a": ["u00", "u01", "u02"], "code_b": ["u03", "u02", "u05"]})
    return {"start": by_unit(), "end": by_unit(10, 90), "years": 10, "pairs": links}


def dyads() -> pd.DataFrame:
    first, second = np.triu_indices(14, 1)
    return pd.DataFrame(
        {
            "change": whole((91,), 0, 30),
            "gap": whole((91,), 0, 30, seed=4),
            "first": [f"u{place}" for place in first],
            "second": [f"u{place}" for place in second],
        }
    )


def fit_dyads(frame: pd.DataFrame) -> object:
    return growth.fit_pairs(frame, ("gap",), frame["first"], frame["second"])


LINKS = {**but(LABELS, "int", "Int64", "mixed", "one"), **refused(unknown=lambda s: put(s, "nowhere"))}
GROWTH = {
    "growth.income_pairs": Case(
        growth.income_pairs,
        income_inputs,
        {
            "start": {**POSITIVE, **BY_UNIT},
            "end": {**POSITIVE, **BY_UNIT},
            "years": COUNT,
            "pairs": but(ROWS, "too few rows", "duplicate columns", "duplicate index", "shuffled"),
            "pairs.code_a": LINKS,
        },
    ),
    "growth.fit_pairs": Case(
        fit_dyads,
        lambda: {"frame": dyads()},
        {
            "frame": but(ROWS, "duplicate columns", "no columns"),
            "frame.change": but(NUMBERS, "constant"),
            "frame.gap": NUMBERS,
            "frame.first": but(LABELS, "int", "Int64"),
        },
    ),
    "growth.assignments": Case(
        lambda first, second: growth.assignments((first, second)),
        lambda: {"first": 2, "second": 3},
        {"first": COUNT, "second": COUNT},
    ),
}


def oaxaca_rows() -> pd.DataFrame:
    n = 60
    return pd.DataFrame(
        {
            "code": [f"c{row:02d}" for row in range(n)],
            "member": np.arange(n) % 3 == 0,
            "y": whole((n,), 0, 90, 1),
            "x": whole((n,), 0, 50, 2),
            "d": whole((n,), 0, 2, 3),
            "people": whole((n,), 1, 9, 4),
            "cluster": [f"k{row % 10}" for row in range(n)],
            "region": [f"r{row % 4}" for row in range(n)],
        }
    )


REGRESSION = RegressionSpec(
    Variable("y"),
    (Variable("x"), Variable("d")),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("cluster",), "CR1S"),
    weights="people",
)
PLAYERS = (TermGroup("x", ("x",), "a"), TermGroup("d", ("d",), "b"))
KINDS_APART = OaxacaDesign(SharesDesign(REGRESSION, PLAYERS, "people"), "member")
SHARED = SharesDesign(dataclasses.replace(REGRESSION, fixed_effects=("region",)), PLAYERS, "people")
PLACE, REFERENCE = ["c02", "c03", "c07"], [f"c{row:02d}" for row in range(20, 60)]
ROWS_OF_REGRESSION = {
    "frame": ROWS,
    "frame.y": NUMBERS,
    "frame.x": NUMBERS,
    "frame.people": WEIGHTS,
    "frame.cluster": LABELS,
    "generator": RNG,
    "draws": {**COUNT, **refused(none=lambda _: None)},
}
ALONE = {"frame.region mixed": "missing"}
"""A row that is alone in its level of the fixed effect is left out, with a note."""


def game() -> np.ndarray:
    return whole((8, 2), 0, 30)


BLOCKS = refused(
    text=lambda _: [["0", "1"], ["2"]],
    twice=lambda _: [[0, 1], [1, 2]],
    absent=lambda _: [[0, 1]],
    fraction=lambda _: [[0.5, 1], [2]],
    number=lambda _: 3,
)
DECOMPOSITION = {
    **{
        f"decomposition.{function.__name__}": Case(function, lambda: {"worth": game()}, {"worth": ARRAY})
        for function in (decomposition.shapley_values, decomposition.first_values, decomposition.last_values)
    },
    **{
        f"decomposition.{function.__name__}": Case(
            function, lambda: {"worth": game(), "blocks": [[0, 1], [2]]}, {"worth": ARRAY, "blocks": BLOCKS}
        )
        for function in (decomposition.ordered_values, decomposition.owen_values)
    },
    "decomposition.decompose_change": Case(
        functools.partial(decomposition.decompose_change, REGRESSION, term="x", groups={"d": ("d",)}),
        lambda: {"frame": oaxaca_rows()},
        {name: kinds for name, kinds in ROWS_OF_REGRESSION.items() if name.startswith("frame")},
        without=without_unit("frame"),
    ),
    "decomposition.sequential_g": Case(
        functools.partial(decomposition.sequential_g, SHARED.regression, term="x", mediators=("d",)),
        lambda: {"frame": oaxaca_rows(), "generator": rng(), "draws": 5},
        ROWS_OF_REGRESSION,
        without=without_unit("frame"),
    ),
    "decomposition.oaxaca_blinder": Case(
        functools.partial(decomposition.oaxaca_blinder, KINDS_APART),
        lambda: {"frame": oaxaca_rows(), "generator": rng(), "draws": 5},
        {**ROWS_OF_REGRESSION, "frame.member": MARKS},
        without=without_unit("frame"),
    ),
    "decomposition.share_gap": Case(
        functools.partial(decomposition.share_gap, SHARED),
        lambda: {
            "frame": oaxaca_rows(),
            "place": PLACE,
            "reference": REFERENCE,
            "generator": rng(),
            "draws": 5,
        },
        {
            **ROWS_OF_REGRESSION,
            "frame.region": LABELS,
            "frame.code": refused(twice=lambda s: put(s, "c02"), NaN=lambda s: put(s, np.nan)),
            "place": refused(unknown=lambda _: ["nowhere"], empty=lambda _: [], number=lambda _: [1]),
            "reference": refused(unknown=lambda _: ["nowhere"], empty=lambda _: []),
        },
        without=without_unit("frame"),
        allow=ALONE,
    ),
    "decomposition.share_variance": Case(
        functools.partial(decomposition.share_variance, SHARED),
        lambda: {"frame": oaxaca_rows(), "generator": rng(), "draws": 5},
        {
            "frame.y": NUMBERS,
            "frame.region": LABELS,
            "generator": RNG,
            "draws": COUNT,
        },
        without=without_unit("frame"),
        allow=ALONE,
    ),
}

POLICY = PolicyDesign(2013, 2010, 2016, comparison="home", level_years=(2008, 2009))


@functools.cache
def made_country() -> tuple[pd.DataFrame, pd.DataFrame]:
    units, values = simulate_country(Country(regions=3, years=(2008, 2016), policy_year=2013), np.random.default_rng(2))
    return units.assign(terrain=units["terrain"].round()), (values * 1000).round()


def country() -> Inputs:
    units, values = made_country()
    return {"units": units.copy(), "values": values.copy()}


def built(estimate: Callable[..., object]) -> Callable[..., object]:
    """The estimate on the panel of units and values."""

    def run(units: Any, values: Any, **others: Any) -> object:
        return estimate(build_panel(POLICY, units, values), **others)

    return run


COUNTRY = {
    "units": but(ROWS, "too few rows"),
    "units.code": refused(
        twice=lambda s: put(s, s.iloc[0]),
        NaN=lambda s: put(s, np.nan),
        pd_NA=lambda s: put(s.astype("string"), pd.NA),
        another_frame=lambda s: "other " + s,
        numbers=lambda s: s.astype(int),
    ),
    "units.region": but(LABELS, "int", "Int64", "one"),
    "units.cluster": LABELS,
    "units.treated": MARKS,
    "units.alike": MARKS,
    "units.terrain": NUMBERS,
    "values": {**but(PANEL, "years with a gap", "one row"), **FOREIGN, **refused(negative=lambda f: put(f, -1.0))},
}
MARKED = {name: COUNTRY[name] for name in ("units.cluster", "units.treated")}
"""What the later steps read again of the units; the rest is build_panel's."""
DRAWN = {"draws": COUNT, "rng": RNG}


def without_unit_of_country(inputs: Inputs) -> Inputs:
    return without_unit("units")(inputs)


@functools.cache
def study() -> EventStudy:
    return event_study(build_panel(POLICY, *made_country()))


@functools.cache
def permuted() -> UnitPermutation:
    return permute_units(build_panel(POLICY, *made_country()), 30, rng())


def differences() -> Inputs:
    return {
        "pre": np.array([1.0, 2.0]),
        "post": np.array([3.0, 5.0, 4.0]),
        "covariance": np.eye(5) + 1.0,
        "weights": np.array([0.0, 1.0, 0.0]),
    }


def by_bounds(function: Callable[..., object]) -> Callable[..., object]:
    def run(bounds: Any, level: Any, **parts: Any) -> object:
        return function(Differences(**parts), bounds, level)

    return run


BOUNDS = refused(
    negative=lambda _: [0.0, -1.0],
    NaN=lambda _: [np.nan],
    text=lambda _: ["1"],
    inf=lambda _: [np.inf],
    empty=lambda _: [],
    none=lambda _: [None],
)
DIFFERENCES = {
    "pre": ARRAY,
    "post": ARRAY,
    "covariance": {**ARRAY, **refused(negative=lambda a: -a)},
    "weights": ARRAY,
    "level": SHARE,
}
POLICIES = {
    "build_panel": Case(
        built(lambda panel: [panel.paths, panel.change, panel.covariates, panel.treated]),
        country,
        COUNTRY,
        without=without_unit_of_country,
    ),
    "effect": Case(built(effect), country, {**MARKED, "values": COUNTRY["values"]}, without=without_unit_of_country),
    "event_study": Case(
        built(lambda panel: [getattr(event_study(panel), name) for name in ("estimates", "covariance")]),
        country,
        MARKED,
        without=without_unit_of_country,
    ),
    "wild_effect": Case(
        built(wild_effect),
        lambda: country() | {"draws": 99, "seed": 1},
        {**MARKED, "draws": COUNT, "seed": SEED},
        without=without_unit_of_country,
    ),
    "permute_units": Case(
        built(permute_units),
        lambda: country() | {"draws": 9, "rng": rng()},
        {**MARKED, **DRAWN},
        without=without_unit_of_country,
    ),
    "permute_clusters": Case(
        built(permute_clusters),
        lambda: country() | {"draws": 9, "rng": rng()},
        {**MARKED, **DRAWN},
        without=without_unit_of_country,
    ),
    "placebo_regions": Case(
        lambda units, values, draws, rng: placebo_regions(
            build_panel(POLICY, *made_country()), units, values, draws, rng
        ),
        lambda: country() | {"draws": 4, "rng": rng()},
        {
            "units": but(ROWS, "shuffled"),
            "units.code": COUNTRY["units.code"],
            "units.region": but(LABELS, "int", "Int64", "one"),
            "units.terrain": but(NUMBERS, "pd.NA", "NaN"),
            "values": {**but(PANEL, "NaN", "pd.NA"), **FOREIGN},
            **DRAWN,
        },
    ),
    "contrast": Case(
        contrast,
        lambda: {"treated": np.array([1.0, 0, 1, 0, 0, 1]), "covariates": whole((6, 2))},
        {"treated": ARRAY, "covariates": ARRAY},
    ),
    "differences_of": Case(
        lambda weights: differences_of(study(), weights),
        lambda: {"weights": np.array([1.0, 0, 0, 0])},
        {"weights": ARRAY},
    ),
    "breakdown": Case(
        lambda level, **parts: breakdown(Differences(**parts), level),
        lambda: differences() | {"level": 0.9},
        DIFFERENCES,
    ),
    "relative_magnitudes": Case(
        by_bounds(relative_magnitudes),
        lambda: differences() | {"bounds": [0.0, 1.0], "level": 0.9},
        {**DIFFERENCES, "bounds": BOUNDS},
    ),
    "smoothness": Case(
        by_bounds(smoothness),
        lambda: differences() | {"bounds": [0.0, 1.0], "level": 0.9},
        {**DIFFERENCES, "bounds": BOUNDS},
    ),
    "pre_trend": Case(
        lambda estimates, level: pre_trend(POLICY, estimates, permuted(), level),
        lambda: {"estimates": whole((7,), 0, 5), "level": 0.1},
        {"estimates": ARRAY, "level": SHARE},
    ),
}

TREATMENT = synthetic.SyntheticSpec("y", 2007)
DONOR_KINDS = {**CODES, **refused(treated_itself=lambda d: [*d, "u00"])}
TREATED = refused(unknown=lambda _: "nowhere", number=lambda _: 1, none=lambda _: None)
SYNTHETIC_PANEL = {**PANEL, **FOREIGN}


def donor_inputs() -> Inputs:
    return {"panel": panel(), "treated": "u00", "donors": UNITS[1:8]}


@functools.cache
def full_fit() -> synthetic.SyntheticFit:
    return synthetic.fit_synthetic(panel(), "u00", TREATMENT)


def with_effects(function: Callable[..., Any]) -> Callable[..., Any]:
    """A fit or several with their effects and misfits."""

    def run(**inputs: Any) -> object:
        result = function(spec=TREATMENT, **inputs)
        fits = result if isinstance(result, tuple) else (result,)
        return result, [(fit.effect, fit.rmspe_pre, fit.rmspe_post) for fit in fits]

    return run


PANEL_OF_DONORS = {"panel": SYNTHETIC_PANEL, "treated": TREATED, "donors": DONOR_KINDS}
PERFECT = {"panel identical series": "finite or infinite"}  # the ratio over a perfect fit is infinite, as documented
SYNTHETIC = {
    "synthetic.fit_synthetic": Case(with_effects(synthetic.fit_synthetic), donor_inputs, PANEL_OF_DONORS),
    "synthetic.leave_one_out": Case(
        with_effects(synthetic.leave_one_out),
        lambda: donor_inputs() | {"least": 0.01},
        {**PANEL_OF_DONORS, "least": but(SHARE, "percent", share_of_a_thousand=(lambda s: 1000 * s, "refused"))},
    ),
    "synthetic.placebo_in_space": Case(
        lambda **inputs: synthetic.placebo_in_space(spec=TREATMENT, **inputs),
        donor_inputs,
        PANEL_OF_DONORS,
        allow=PERFECT,
    ),
    "synthetic.placebo_in_time": Case(
        with_effects(synthetic.placebo_in_time),
        lambda: donor_inputs() | {"date": 2005},
        {
            **PANEL_OF_DONORS,
            "date": {**but(COUNT, "negative"), **refused(late=lambda _: 2007, early=lambda _: 1999)},
        },
    ),
    "synthetic.fit_each": Case(
        lambda panel, units, donors: synthetic.fit_each(panel, units, TREATMENT, donors),
        lambda: {"panel": panel(), "units": ["u00", "u03"], "donors": UNITS[1:8]},
        {"panel": SYNTHETIC_PANEL, "units": but(CODES, "twice"), "donors": CODES},
    ),
    "synthetic.statistics_table": Case(
        lambda panel: synthetic.statistics_table([synthetic.fit_synthetic(panel, "u00", TREATMENT)]),
        lambda: {"panel": panel()},
        {"panel": SYNTHETIC_PANEL},
        allow=PERFECT,
    ),
    "synthetic.left_out": Case(
        lambda fit: len(synthetic.left_out(fit, full_fit())),
        lambda: {"fit": synthetic.leave_one_out(panel(), "u00", TREATMENT)[0]},
        {"fit": refused(itself=lambda _: full_fit(), another=lambda _: synthetic.fit_synthetic(
            panel().rename(index={"u01": "other"}), "u00", TREATMENT))},
    ),
    "synthetic.sdid_ridge": Case(
        synthetic.sdid_ridge,
        lambda: {"post_periods": 4, "treated": 2},
        {"post_periods": COUNT, "treated": COUNT},
    ),
    "synthetic.simplex_weights": Case(
        synthetic.simplex_weights,
        lambda: {"target": whole((5,)), "donors": whole((5, 4), seed=4), "penalty": 2.0},
        {"target": ARRAY, "donors": ARRAY, "penalty": {**SCALAR, **refused(negative=lambda p: -p)}},
    ),
    **{
        f"sdid.{function.__name__}": Case(
            lambda function=function, **inputs: function(outcome="y", **inputs),
            lambda: donor_inputs() | {"first_treated": 2007},
            {**PANEL_OF_DONORS, "first_treated": {**but(COUNT, "negative"), **refused(early=lambda _: 1999)}},
            allow={"first_treated text": "same"},  # a year as text, as in the columns
        )
        for function in (sdid.synthetic_did, sdid.sdid_placebo)
    },
}  # fmt: skip

LATE, EARLY = Period("lights_per_km2", 2013, 2016), Period("gdp_per_head", 2011, 2021)


def county_rows() -> pd.DataFrame:
    """Sixty counties of three provinces with light, area, residents and GDP."""
    n = 60
    lights = {f"lights_{year}": whole((n,), seed=year) for year in range(2013, 2017)}
    return pd.DataFrame(
        {
            "code": [f"{row:06d}" for row in range(n)],
            "province_code": [f"3{3 + row % 3}0000" for row in range(n)],
            "prefecture_code": [f"3{3 + row % 3}{row % 12:02d}00" for row in range(n)],
            "area_km2": whole((n,), 50, 90, 6),
            "population_2010": whole((n,), 100, 900, 7),
            "population_2020": whole((n,), 100, 900, 8),
            "gdp_2011": whole((n,), 1000, 9000, 9),
            "gdp_2021": whole((n,), 1000, 9000, 10),
            "longitude": 60.0 + np.arange(n),
            "latitude": whole((n,), 25, 35, 12),
            "other": whole((n,), 20, 400, 13),
            **lights,
        }
    )


def growing(estimate: Callable[[pd.DataFrame], object]) -> Callable[[pd.DataFrame], object]:
    """The estimate on counties with the columns of the late period."""
    return lambda frame: estimate(add_periods(frame, (LATE,)))


SPEC = convergence_spec(LATE, "china")
CHINA_RUNS: dict[str, Callable[[pd.DataFrame], object]] = {
    "beta.beta_table": lambda frame: beta.beta_table(frame, (LATE,), ("china",), ("none", "province")),
    "beta.error_table": lambda frame: beta.error_table(frame, LATE, "undoubted"),
    "beta.by_province": lambda frame: beta.by_province(frame, LATE, least=15),
    "convergence.instrumented": lambda frame: convergence.instrumented(SPEC, Variable("other"), frame),
    "convergence.noise_bounds": lambda frame: convergence.noise_bounds(SPEC, LATE.years, frame),
}
GROWING = {
    "frame": but(ROWS, "duplicate columns"),
    "frame.lights_2013": POSITIVE,
    "frame.prefecture_code": LABELS,
    "frame.province_code": but(LABELS, "mixed"),
}
"""A level that is zero or below has no logarithm: the county is left out, as documented."""
NO_LOGARITHM = {f"frame.{column} {kind}": "missing" for column in ("lights_2013",) for kind in ("zero", "negative")}
NO_PROVINCE = {f"frame.province_code {kind}": "same" for kind in ("NaN", "pd.NA")}
UNUSED = {
    **dict.fromkeys(("convergence.instrumented", "convergence.noise_bounds"), NO_PROVINCE),
    "beta.beta_table": {f"frame.province_code {kind}": "finite or refused" for kind in ("NaN", "pd.NA")},
    "beta.error_table": NO_PROVINCE
    | {f"frame.prefecture_code {kind}": "finite or refused" for kind in ("NaN", "pd.NA")},
    "beta.by_province": {f"frame.prefecture_code {kind}": "same" for kind in ("NaN", "pd.NA", "mixed")}
    | {f"frame.province_code {kind}": "refused" for kind in ("int", "Int64")},  # codes are text of six digits
}
"""A label that a regression does not use, or only some regressions of a table, may be missing."""


def rows_for(name: str) -> Callable[[], Inputs]:
    return lambda: {"frame": county_rows().assign(gdp_is_doubtful=False)}


def logs() -> pd.DataFrame:
    return pd.DataFrame(whole((12, 10), 5, 30), index=UNITS, columns=YEARS)


def ring() -> pd.DataFrame:
    return pd.DataFrame({"code_a": UNITS, "code_b": [*UNITS[1:], UNITS[0]]})


CLASSES = {**but(COUNT, "negative"), **refused(one=lambda _: 1)}
STATES = {**but(PANEL, "identical series"), **refused(negative=lambda f: put(f, -1.0), fraction=lambda f: put(f, 0.5))}
COLUMN = refused(absent=lambda _: 1950, none=lambda _: None)
CONVERGENCE = {
    **{
        name: Case(
            growing(run),
            rows_for(name),
            GROWING if name != "convergence.instrumented" else {**GROWING, "frame.other": NUMBERS},
            without=without_unit("frame"),
            allow={**NO_LOGARITHM, **UNUSED.get(name, {})},
        )
        for name, run in CHINA_RUNS.items()
    },
    "levels": Case(
        lambda frame, measure, years: [
            levels(frame, measure, years),
            levels(frame, "gdp_per_head", (2011, 2021)),
        ],
        lambda: {"frame": county_rows(), "measure": "lights_per_km2", "years": [2013, 2014]},
        {
            "frame": {**but(ROWS, "shuffled"), "shuffled": (lambda f: f.iloc[::-1], "same")},
            "frame.lights_2013": NUMBERS,
            "frame.gdp_2011": NUMBERS,
            "frame.population_2010": NUMBERS,
            "frame.code": refused(twice=lambda s: put(s, s.iloc[0]), NaN=lambda s: put(s, np.nan)),
            "measure": refused(unknown=lambda _: "rain", none=lambda _: None),
            "years": {
                "text": (lambda _: ["2013", "2014"], "same or refused"),
                **refused(absent=lambda _: [1950], empty=lambda _: [], NaN=lambda _: [np.nan]),
            },
        },
        # missing where the frame has nothing, as documented
        allow={f"frame.{column} {kind}": "left missing" for column in ("lights_2013", "gdp_2011", "population_2010")
               for kind in ("NaN", "pd.NA")},
    ),
    "add_periods": Case(
        lambda frame: add_periods(frame, (LATE, EARLY)).drop(columns="area_km2").filter(regex="log|growth"),
        lambda: {"frame": county_rows()},
        {"frame": ROWS, "frame.lights_2013": NUMBERS, "frame.lights_2016": NUMBERS, "frame.area_km2": NUMBERS},
        allow={
            f"frame.{column} {kind}": "left missing"
            for column in ("lights_2013", "lights_2016", "area_km2")
            for kind in ("NaN", "pd.NA")
        },
    ),
    "convergence.gap_left": Case(
        convergence.gap_left, lambda: {"beta": -2.0, "years": 9}, {"beta": SCALAR, "years": COUNT}
    ),
    "convergence.half_life": Case(
        convergence.half_life, lambda: {"beta": -2.0, "years": 9}, {"beta": SCALAR, "years": COUNT}
    ),
    "convergence.spread": Case(
        convergence.spread,
        lambda: {"values": panel(), "weights": by_unit()},
        {"values": {**PANEL, **FOREIGN}, "weights": {**WEIGHTS, **BY_UNIT}},
        without=without_unit("values"),
    ),
    "convergence.spread_change": Case(
        lambda values, first, last, clusters: convergence.spread_change(values, first, last, clusters),
        lambda: {"values": panel(), "first": 2001, "last": 2002, "clusters": cluster()},
        {
            "values": {**PANEL, **FOREIGN},
            "first": COLUMN,
            "last": {**COLUMN, **refused(same=lambda _: 2001)},
            "clusters": {**LABELS, **BY_UNIT},
        },
        without=without_unit("values"),
    ),
    "convergence.pitman_morgan": Case(
        convergence.pitman_morgan,
        lambda: {"first": whole((8,)), "last": whole((8,), seed=4)},
        {"first": ARRAY, "last": ARRAY},
    ),
    "convergence.relative_logs": Case(
        convergence.relative_logs,
        lambda: {"values": panel(), "weights": by_unit()},
        {"values": {**PANEL, **FOREIGN}, "weights": {**WEIGHTS, **BY_UNIT}},
        without=without_unit("values"),
    ),
    "convergence.classes_of": Case(
        convergence.classes_of,
        lambda: {"relative": panel(), "classes": 3},
        {"relative": PANEL, "classes": CLASSES},
    ),
    "convergence.count_moves": Case(
        convergence.count_moves,
        lambda: {"states": states(), "classes": 3},
        {"states": STATES, "classes": {**CLASSES, **refused(too_few=lambda _: 2)}},
    ),
    "convergence.transitions": Case(convergence.transitions, lambda: {"states": states()}, {"states": STATES}),
    "convergence.homogeneity_test": Case(
        lambda first, second: convergence.homogeneity_test({"a": first, "b": second}),
        lambda: {"first": whole((3, 3), 1, 9), "second": whole((3, 3), 1, 9, 4)},
        {"first": {**ARRAY, **refused(negative=lambda a: -a)}, "second": ARRAY},
    ),
    "convergence.rank_mobility": Case(
        convergence.rank_mobility,
        lambda: {"values": panel(), "first": 2001, "last": 2002, "clusters": cluster()},
        {
            "values": {**PANEL, **FOREIGN},
            "first": COLUMN,
            "last": {**COLUMN, **refused(same=lambda _: 2001)},
            "clusters": {**LABELS, **BY_UNIT},
        },
        without=without_unit("values"),
    ),
    "convergence.log_t_test": Case(
        convergence.log_t_test,
        lambda: {"logs": logs(), "trim": 0.3},
        {"logs": {**PANEL, **refused(zero=lambda f: put(f, 0.0))}, "trim": SHARE},
        allow={"logs years with a gap": "refused"},
    ),
    "convergence.common_steps": Case(convergence.common_steps, lambda: {"levels": logs()}, {"levels": PANEL}),
    "convergence.find_clubs": Case(
        convergence.find_clubs,
        lambda: {"logs": logs(), "trim": 0.3, "sieve": 0.0},
        {"logs": PANEL, "trim": SHARE, "sieve": but(SCALAR, "int", "numpy")},
        allow={"logs years with a gap": "refused"},
    ),
    "convergence.merge_clubs": Case(
        lambda logs: convergence.merge_clubs(convergence.find_clubs(globals()["logs"]()), logs),
        lambda: {"logs": logs()},
        {"logs": {**but(PANEL, "one row"), **FOREIGN}},
        allow={"logs years with a gap": "refused"},
    ),
    "convergence.relative_paths": Case(
        convergence.relative_paths,
        lambda: {"logs": logs()},
        {"logs": {**PANEL, **refused(zero=lambda f: f * 0)}},
    ),
    "convergence.trend": Case(
        convergence.trend,
        lambda: {"logs": logs(), "smoothing": 400.0},
        {"logs": PANEL, "smoothing": {**SCALAR, **refused(negative=lambda s: -s)}},
        allow={"logs years with a gap": "refused"},
    ),
    "convergence.moran_path": Case(
        convergence.moran_path,
        lambda: {"values": panel().iloc[:, :4], "edges": ring(), "seed": 1, "draws": 99},
        {
            "values": {**PANEL, **FOREIGN},
            "edges": but(ROWS, "too few rows", "duplicate columns"),
            "edges.code_a": refused(int=lambda s: s.str[1:].astype(int), itself=lambda s: put(s, "u02")),
            "seed": SEED,
            "draws": COUNT,
        },
        without=without_unit("values"),
    ),
}  # fmt: skip


def judged() -> pd.DataFrame:
    codes, keys = county_types().index, [indicator.key for indicator in INDICATORS]
    return pd.DataFrame(whole((len(codes), len(keys))), index=codes, columns=keys)


JUDGED = {**TABLE, **FOREIGN, **refused(fewer=lambda f: f.iloc[:, :3])}
DRAWN_FROM_OTHERS = {"values NaN": "finite or refused", "values pd.NA": "finite or refused"}  # as documented
RANKING = {
    "analysis.rank_counties": Case(
        lambda **inputs: dataclasses.replace(found := rank_counties("leapfrog", **inputs), indicators=found.ranks),
        lambda: {"values": judged(), "draws": 2, "seed": 1, "concentration": 24.0},
        {
            "values": but(JUDGED, "Int64", "object", "boolean", "one row", "empty"),
            "draws": COUNT,
            "seed": SEED,
            "concentration": but(SCALAR, "int", "numpy"),
        },
        allow=DRAWN_FROM_OTHERS,
    ),
    "analysis.spread_by_concentration": Case(
        lambda **inputs: spread_by_concentration("leapfrog", **inputs),
        lambda: {"values": judged(), "draws": 2, "seed": 1, "concentrations": [24.0]},
        {
            "values": {name: JUDGED[name] for name in ("int", "text", "another frame", "fewer")},
            "draws": COUNT,
            "seed": SEED,
            "concentrations": refused(text=lambda _: ["6"], NaN=lambda _: [np.nan], empty=lambda _: []),
        },
    ),
}


def gaps() -> pd.DataFrame:
    return pd.DataFrame(whole((3, 8)), index=["m0", "m1", "m2"], columns=[f"s{place}" for place in range(8)])


NAMED = [("m0", "s0"), ("m1", "s1"), ("m2", "s2")]
NAMED_PAIRS = refused(empty=lambda _: [], unknown=lambda _: [("m0", "nowhere")], number=lambda _: [(1, 2)])


def attributes() -> pd.DataFrame:
    places = [*(f"m{number}" for number in range(3)), *(f"s{number}" for number in range(8))]
    return pd.DataFrame(
        {
            "longitude": 110.0 + np.arange(11),
            "latitude": whole((11,), 20, 40, 6),
            "gap_2021": whole((11,), 0, 9, 7),
        },
        index=places,
    )


def named_frame() -> pd.DataFrame:
    return pd.DataFrame(NAMED, columns=["mountain_code", "sea_code"])


COORDINATES = {
    "longitude": {**but(NUMBERS, "boolean"), **refused(beyond=lambda s: put(s, 999.0))},
    "latitude": {**but(NUMBERS, "boolean"), **refused(beyond=lambda s: put(s, 999.0), swapped=lambda s: s + 90)},
}
OF_PLACES = {
    f"attributes.{name}": kinds for name, kinds in COORDINATES.items()
} | {"attributes": {"duplicate index": TABLE["duplicate index"], **FOREIGN}}  # fmt: skip
PAIRING = {
    **{
        f"partners.{function.__name__}": Case(
            function,
            lambda: {"values": gaps(), "pairs": NAMED, "draws": 99, "rng": rng()},
            {
                "values": {**but(TABLE, "one row"), **FOREIGN},
                "pairs": NAMED_PAIRS,
                "draws": COUNT,
                "rng": RNG,
            },
        )
        for function in (partners.draw_partners, partners.deal_partners)
    },
    "analysis.distances_km": Case(
        pair_analysis.distances_km,
        lambda: {"places": attributes(), "origins": ["m0", "m1"], "ends": ["s0", "s1"]},
        {
            **{name.replace("attributes", "places"): kinds for name, kinds in OF_PLACES.items()},
            "origins": but(CODES, "twice"),
            "ends": but(CODES, "twice"),
        },
    ),
    "analysis.compare_pairs": Case(
        lambda attributes, frame, candidates, draws, seed: pair_analysis.compare_pairs(
            PairingSpec("gap_2021", "as_rich"), attributes, frame, candidates, draws, seed
        ),
        lambda: {
            "attributes": attributes(),
            "frame": named_frame(),
            "candidates": [f"s{number}" for number in range(8)],
            "draws": 99,
            "seed": 1,
        },
        {
            "attributes": OF_PLACES["attributes"],
            "attributes.gap_2021": NUMBERS,
            "frame": but(ROWS, "too few rows", "duplicate columns", "shuffled"),
            "draws": COUNT,
            "seed": SEED,
        },
        without=lambda inputs: inputs
        | {"attributes": inputs["attributes"].drop(index="m1"), "frame": inputs["frame"].drop(index=1)},
    ),
    "analysis.gap_paths": Case(
        pair_analysis.gap_paths,
        lambda: {
            "lights": pd.DataFrame(whole((11, 6)), index=attributes().index, columns=list(range(2013, 2019))),
            "pairs": NAMED,
            "candidates": [f"s{number}" for number in range(8)],
            "draws": 9,
            "seed": 1,
        },
        {
            "lights": {**PANEL, **FOREIGN},
            "pairs": refused(empty=lambda _: [], unknown=lambda _: [("m0", "nowhere")]),
            "draws": COUNT,
            "seed": SEED,
        },
        without=lambda inputs: inputs
        | {"lights": inputs["lights"].drop(index="m1"), "pairs": [NAMED[0], NAMED[2]]},
    ),
    "cities.city_ranks": Case(
        lambda attributes, other, alternatives: cities.city_ranks(attributes, "m0", other, alternatives),
        lambda: {
            "attributes": attributes()
            .drop(index=["m1", "m2"])
            .assign(gap_2011=whole((9,), 0, 9, 8), gap_change=whole((9,), 0, 9, 9)),
            "other": "s0",
            "alternatives": [f"s{number}" for number in range(8)],
        },
        {
            **OF_PLACES,
            "attributes.gap_2021": NUMBERS,
            "other": refused(unknown=lambda _: "nowhere", number=lambda _: 1),
            "alternatives": refused(unknown=lambda _: ["nowhere", "s0"], empty=lambda _: []),
        },
    ),
    "emigration.expected_in": Case(
        emigration.expected_in,
        lambda: {"arrived": 2.0, "arrived_nation": 40.0, "people": 9.0},
        {
            "arrived": {**SCALAR, **refused(negative=lambda n: -n)},
            "arrived_nation": {**SCALAR, **refused(negative=lambda n: -n)},
            "people": {**SCALAR, **refused(negative=lambda n: -n)},
        },
    ),
    "emigration.cohort_losses": Case(
        emigration.cohort_losses,
        lambda: {name: cohort() for name in ("before", "after")},
        {
            "before": {**but(POSITIVE, "boolean", "zero"), "shuffled": BY_UNIT["shuffled"],
                       "another frame": BY_UNIT["another frame"]},
            "after": {**but(NOT_NEGATIVE, "boolean"), "another frame": BY_UNIT["another frame"]},
        },
    ),
}  # fmt: skip


def cohort() -> pd.Series:
    ages = sorted(["age_0", "age_1_4", *(f"age_{first}_{first + 4}" for first in range(5, 60, 5))])
    return pd.Series(whole((len(ages),)), index=ages)


def neighbours() -> pd.DataFrame:
    codes = county_rows()["code"]
    links = [(code, neighbour) for step in (1, 3, 5, 12) for code, neighbour in zip(codes, codes[step:], strict=False)]
    return pd.DataFrame(links, columns=["code_a", "code_b"])


def zone_rows() -> pd.DataFrame:
    first, second = np.triu_indices(len(pair_design.PREFECTURES), 1)
    richer, poorer = (np.array(pair_design.PREFECTURES)[side] for side in (first, second))
    across = [left[:2] != right[:2] for left, right in zip(richer, poorer, strict=True)]
    return pd.DataFrame(
        {
            "richer": richer,
            "poorer": poorer,
            "change": whole((36,), 0, 30),
            "gap": whole((36,), 0, 30, 4),
            "cross": np.array(across, dtype=float),
        }
    )


ZONE_DESIGN = counties._CountyDesign("lights", 2013, 2016, False)
OF_COUNTIES = {
    "frame": ROWS,
    "frame.lights_2013": NUMBERS,
    "frame.area_km2": NUMBERS,
    "frame.longitude": COORDINATES["longitude"],
    "frame.latitude": COORDINATES["latitude"],
    "frame.prefecture_code": but(LABELS, "int", "Int64"),
    "frame.code": refused(twice=lambda s: put(s, s.iloc[0]), NaN=lambda s: put(s, np.nan)),
    "edges": but(ROWS, "too few rows", "duplicate columns", "shuffled"),
    "edges.code_a": but(LINKS, "unknown", "category"),
}
ZONE = {
    "adjacent_counties._county_measure": Case(
        lambda frame, measure, year: counties._county_measure(frame, measure, year),
        lambda: {"frame": county_rows(), "measure": "lights", "year": 2013},
        {
            **{name: kinds for name, kinds in OF_COUNTIES.items() if name in (
                "frame", "frame.lights_2013", "frame.area_km2", "frame.code")},
            "measure": refused(unknown=lambda _: "rain", none=lambda _: None),
            "year": {"numpy": (np.int64, "same"), **refused(absent=lambda _: 1950, none=lambda _: None)},
        },
        without=without_unit("frame"),
    ),
    **{
        f"adjacent_counties.{function.__name__}": Case(
            lambda frame, edges, function=function: function(ZONE_DESIGN, frame, edges),
            lambda: {"frame": county_rows(), "edges": neighbours()},
            kinds,
            without=without_unit("frame"),
        )
        for function, kinds in (
            (counties._county_pairs, {name: OF_COUNTIES[name] for name in OF_COUNTIES if name != "frame.area_km2"}),
            (
                counties._county_effect,
                {name: OF_COUNTIES[name] for name in ("frame", "frame.prefecture_code", "edges")},
            ),
        )
    },
    "nine_prefectures.permuted_effect": Case(
        lambda frame: prefectures.permuted_effect(frame, ["gap"], "cross", frame["richer"], frame["poorer"]),
        lambda: {"frame": zone_rows()},
        {
            "frame": but(ROWS, "duplicate columns", "no columns", "too few rows"),
            "frame.change": NUMBERS,
            "frame.gap": NUMBERS,
            "frame.cross": NUMBERS,
            "frame.richer": {**but(LABELS, "int", "Int64", "mixed", "one"), **refused(unknown=lambda s: put(s, "0"))},
        },
    ),
}  # fmt: skip

CASES: dict[str, Case] = {
    **COMPOSITE, **INEQUALITY, **FAMILIES, **PACES, **GROWTH, **DECOMPOSITION,
    **{f"did.{name}": case for name, case in POLICIES.items()}, **SYNTHETIC,
    **CONVERGENCE, **RANKING, **PAIRING, **ZONE,
}  # fmt: skip

TRIED = [pytest.param(name, where, id=f"{name}-{where}") for name, case in CASES.items() for where in case.kinds]


@pytest.mark.parametrize(("name", "where"), TRIED)
def test_input_gives_the_right_figures_or_is_refused(name: str, where: str) -> None:
    case = CASES[name]
    for kind, (change, wanted) in case.kinds[where].items():
        print(kind)  # the last one printed is the one that failed
        assert_outcome(case, name, where, change, case.allow.get(f"{where} {kind}", wanted))


@pytest.mark.parametrize("name", CASES)
def test_clean_input_gives_figures(name: str) -> None:
    assert len(clean(name)) and np.isfinite(clean(name)).any()


def test_every_exception_belongs_to_a_form_that_is_tried() -> None:
    for name, case in CASES.items():
        tried = {f"{where} {kind}" for where, kinds in case.kinds.items() for kind in kinds}
        assert set(case.allow) <= tried, name


# ---- nothing is forgotten --------------------------------------------------------------------------------------------

PACKAGES: tuple[ModuleType, ...] = (
    composite, convergence, decomposition, ranking_analysis, families, growth, inequality, did, synthetic, sdid,
    follow, beta, cities, emigration, pair_analysis, partners, counties, prefectures,
)  # fmt: skip
"""Whose public functions are tried: what ``__all__`` names, or every function without an underscore."""

PROJECT = "reads or arranges the tables of this project, whose types the loader has checked"
DESIGN = "makes a design or a list of names, estimates nothing"
SPREAD = "takes a Spread, which spread_scores alone makes and is tried on"
NO_ESTIMATORS: dict[str, str] = {
    "synthetic.importance_table": "fit_synthetic, tried here, from each start of the search",
    "did.simulated_policy": "makes its own data",
    "synthetic.predictor_balance": "means of a table whose types as_table has checked",
    **dict.fromkeys(("composite.pair_table", "composite.single_changes", "composite.variance_shares"), SPREAD),
    **dict.fromkeys(
        ("analysis.check_weights",),
        DESIGN,
    ),
    **dict.fromkeys(
        (
            *("analysis.compare_dates", "analysis.ranking_quantities"),
            *(f"beta.{name}" for name in ("beta_estimates", "beta_points", "growth_correlation")),
            *("beta.noise_table", "beta.variant_table"),
            *(f"cities.{name}" for name in ("city_attributes", "first_year", "of_province", "yearly_ratio")),
            *(f"emigration.{name}" for name in ("arrivals", "by_county", "carried_registered", "claimed")),
            *(f"emigration.{name}" for name in ("people_quantities", "prefecture_rows", "registered_less_resident")),
            *("emigration.shared_grounds", "emigration.zone_residents"),
            *(f"analysis.{name}" for name in ("county_attributes", "log_lights", "named_pairs", "pair_table")),
            *(f"analysis.{name}" for name in ("path_estimates", "with_centres")),
            "nine_prefectures.border_effects",
            *("nine_prefectures.effects_by_border", "nine_prefectures.prefecture_pairs"),
            *("nine_prefectures.border_contrast", "nine_prefectures.effect_change", "nine_prefectures.without_each"),
            *("nine_prefectures.implied_prices", "nine_prefectures.missing_growth"),
        ),
        PROJECT,
    ),
    **dict.fromkeys(
        ("did.home_region", "did.require_years", "did.scale_outcome", "did.comparison_mask"),
        "a step of build_panel, which is tried",
    ),
    "analysis.declared_tests": "compare_pairs for each declared comparison",
    "analysis.tests_frame": "adjust_family on the results of compare_pairs",
    "adjacent_counties.county_effects": "county_effect for each declared design",
    **dict.fromkeys(
        ("follow.backtest", "follow.follow_target", "follow.paces", "follow.ratio_to"),
        "arithmetic on the levels of this project's tables, by annual_growth",
    ),
}
"""Public functions that are not tried, with the reason."""


def public_functions(module: ModuleType) -> set[str]:
    short = module.__name__.rpartition(".")[2]
    own = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    named = [name for name in getattr(module, "__all__", own) if inspect.isfunction(getattr(module, name))]
    return {f"{short}.{name}" for name in named}


def test_every_public_function_is_tried_or_is_no_estimator() -> None:
    public = set().union(*map(public_functions, PACKAGES))
    tried = {name.partition(" ")[0] for name in CASES}
    assert public - tried - set(NO_ESTIMATORS) == set(), "try these, or say why they are no estimators"
    # Private functions, and two of a module that mostly arranges tables, are tried beside those of the packages.
    reached = {name for name in tried if "." in name and "._" not in name}
    assert (reached | set(NO_ESTIMATORS)) <= public, "these are no public functions any more"
    assert not tried & set(NO_ESTIMATORS)


def test_modules_of_the_pairing_study_that_compute_are_among_them() -> None:
    folder = importlib.import_module("shanhai.studies.pairing")
    there = {f"{folder.__name__}.{module.name}" for module in pkgutil.iter_modules(folder.__path__)}
    printing = {f"{folder.__name__}.{name}" for name in ("design", "tables", "charts", "words", "claims")}
    assert there - {module.__name__ for module in PACKAGES} == printing
