"""What specifications and results say of themselves: short, rounded, escaped, in each language."""

import ast
import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.core.paths import LIBRARY
from shanhai.core.shown import Shown, describe, speak
from shanhai.methods import fit, joint_test, scpc, wild_bootstrap
from shanhai.methods.decomposition.gap import explain_gap
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable
from shanhai.render.objects import column_words, regressions

SPEC = RegressionSpec(
    Variable("gdp_per_capita_2021", "log"),
    (Variable("on_border"), Variable("ruggedness", "standardised")),
    SampleSpec("China", "全国"),
    CovarianceSpec("cluster", ("province_code",), "CR1S"),
    controls=(Interaction(Variable("on_border"), Variable("ruggedness", "standardised")),),
    fixed_effects=("province_code",),
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng, n = np.random.default_rng(0), 300
    rows = pd.DataFrame({"code": [f"{100000 + row}" for row in range(n)], "weight": 1.0})
    rows["province_code"] = [f"{10 + row % 12}0000" for row in range(n)]
    rows["on_border"], rows["ruggedness"] = rng.integers(0, 2, n) == 1, rng.normal(size=n)
    rows["longitude"], rows["latitude"] = rng.uniform(100, 120, n), rng.uniform(20, 40, n)
    rows["gdp_per_capita_2021"] = np.exp(10 - 0.1 * rows["on_border"] + rng.normal(size=n))
    rows.loc[:4, "gdp_per_capita_2021"] = np.nan
    return rows


@pytest.fixture(scope="module")
def result(frame: pd.DataFrame) -> FitResult:
    return fit(SPEC, frame)


def text(value: object, language: str = "en") -> str:
    said = describe(value, language)
    assert said is not None
    assert said.html.startswith(("<table", "<p>"))
    return said.text


def test_a_regression_is_a_table_with_n_clusters_and_errors_named(result: FitResult) -> None:
    said = repr(result)
    assert len(said.splitlines()) <= 25
    assert result.n == 295
    for part in ("log GDP per head 2021 (yuan)", "on a provincial border", "observations", "295", "clusters", "12"):
        assert part in said
    assert "Standard errors in brackets: clustered by province (CR1S)." in said
    assert f"({result.se[0]:.3f})" in said
    assert not re.search(r"\d\.\d{5,}", said)
    chinese = text(result, "zh")
    assert "括号内为标准误：聚类到省份层面（CR1S）。" in chinese
    assert "因gdp_per_capita_2021缺失剔除5行。" in chinese
    assert not re.search("[a-z]{4,}(?!_)", chinese.replace("gdp_per_capita_2021", "").replace("province_code", ""))


def test_a_specification_is_its_formula_in_words() -> None:
    said = repr(SPEC)
    for part in (
        "log GDP per head 2021 (yuan)",
        "on a provincial border + ruggedness",
        "held fixed",
        "province",
        "China",
    ):
        assert part in said
    assert SPEC.spec_id in said
    assert "控制变量" in text(SPEC, "zh")
    assert repr(SPEC.covariance) == "clustered by province (CR1S)"
    assert text(SPEC.covariance, "zh") == "聚类到省份层面（CR1S）"
    chosen = (Filter("province_code", "in", ("330000", "340000")), Filter("ruggedness", ">", 1.5))
    narrow = repr(replace(SPEC.sample, filters=chosen))
    said = ("China", "province_code in 330000, 340000", "ruggedness > 1.5")
    assert [part for part in said if part not in narrow] == []


def test_tests_and_accounts_say_their_numbers_in_a_few_figures(frame: pd.DataFrame, result: FitResult) -> None:
    test = joint_test(result, ("on_border", "z_ruggedness"))
    assert f"{test.p:.3f}" in repr(test)
    assert "联合检验" in text(test, "zh")
    wild = wild_bootstrap(SPEC, frame, "on_border", draws=99, seed=1)
    assert [
        part for part in ("Wild cluster bootstrap", "95% interval", "p", "clusters") if part not in repr(wild)
    ] == []
    conley = replace(SPEC, covariance=CovarianceSpec.conley("bartlett", 200.0))
    assert "principal components" in repr(scpc(conley, frame, "on_border"))
    groups = {"border": ("on_border",), "terrain": ("z_ruggedness", "on_border:z_ruggedness")}
    account = explain_gap(SPEC, frame, set(frame["code"][5:25]), set(frame["code"]), groups, "weight")
    rows = [line.split() for line in repr(account).splitlines()]
    parts = [row for row in rows if row and row[0] in ("border", "terrain", "gap")]
    assert len(parts) == 3
    assert parts[-1][1] == f"{account.gap:.3f}"
    for value in (test, wild, account):
        assert len(repr(value).splitlines()) <= 25
        assert not re.search(r"\d\.\d{6,}", repr(value))


def test_an_estimate_is_a_line() -> None:
    number = Estimate(-0.114, 0.021, df=89, error="cluster(prefecture_code) CR1S")
    assert repr(number) == "-0.1140 (0.02100) [-0.156, -0.072], p < 0.001; clustered by prefecture (CR1S)"
    assert repr(Estimate(2.0, float("nan"), float("nan"))) == "2"


def test_regressions_side_by_side_need_heads_of_their_own(result: FitResult) -> None:
    assert regressions([result, result]).heads() == ["", "(1)", "(2)"]
    assert regressions([result, result], heads=["a", "b"]).heads() == ["", "a", "b"]
    with pytest.raises(ReportError, match="each under a head of its own"):
        regressions([result, result], heads=["a", "a"])
    with pytest.raises(ReportError, match="0 regressions"):
        regressions([])


def test_what_a_user_names_is_escaped(frame: pd.DataFrame) -> None:
    spec = replace(SPEC, sample=SampleSpec("<i>s"), model="<b>m")
    result = fit(spec, frame)
    for value in (spec, spec.sample, result, regressions([result], heads=["<b>h"])):
        said = describe(value, "en")
        assert said is not None
        assert not re.search("<(b|i)>", said.html)


def test_the_language_is_that_of_the_process_until_it_is_changed(result: FitResult) -> None:
    try:
        assert speak("zh") == "zh"
        assert "观测数" in repr(result)
        assert "观测数" in result._repr_html_()
        assert speak() == "zh"
    finally:
        speak("en")
    with pytest.raises(ParameterError, match="'fr' is unknown"):
        speak("fr")


def test_every_value_of_the_methods_that_holds_arrays_or_makes_a_frame_shows_itself() -> None:
    """Else it prints hundreds of lines of numbers, or a table within the text of a dataclass."""
    heavy = re.compile(r"Array|DataFrame|Series|FitResult|Codes|Flags|csr_array|RegressionSpec")
    silent = []
    for path in sorted((LIBRARY / "methods").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
                continue
            held = " ".join(ast.unparse(part.annotation) for part in node.body if isinstance(part, ast.AnnAssign))
            is_value = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
            own = any(isinstance(part, ast.FunctionDef) and part.name == "__repr__" for part in node.body)
            shows = own or {"Shown", "FitResult"} & set(map(ast.unparse, node.bases))
            has_table = any(isinstance(part, ast.FunctionDef) and part.name == "to_frame" for part in node.body)
            if is_value and (heavy.search(held) or has_table) and not shows:
                silent.append(f"{path.name}: {node.name}")
    assert silent == []


@dataclass(frozen=True, repr=False)
class Made(Shown):
    """A result with one of everything."""

    share: float
    low: float
    high: float
    matrix: np.ndarray
    rows: pd.DataFrame
    names: tuple[str, ...]
    inner: Estimate
    missing: float | None = None
    yes: bool = True


def test_any_other_value_says_what_each_field_holds() -> None:
    rows = pd.DataFrame({f"c{column}": [1, 2] for column in range(9)})
    made = Made(0.123456, -1.0, 1.0, np.zeros((2774, 3)), rows, tuple("abcdefgh"), Estimate(1.0, 0.5))
    said = repr(made)
    for part in ("Made", "0.1235", "[-1.000, 1.000]", "2,774 × 3 numbers", "2 rows: c0, c1, c2, c3, c4, c5 and 3 more",
                 "a, b, c, d, e, f and 2 more", "1 (0.5000)", "yes"):  # fmt: skip
        assert part in said
    assert "2,774 × 3个数" in text(made, "zh")


@pytest.mark.parametrize(
    ("note", "chinese"),
    [
        ("12 clusters by g: few, so tests reject somewhat too often.", "按g聚类仅12类，检验略易拒绝原假设。"),
        ("3 rows dropped: on_border missing.", "因on_border缺失剔除3行。"),
        ("3 rows dropped: log of gdp not above 0.", "剔除3行（log of gdp not above 0）。"),
        ("something new", "something new"),
    ],
)
def test_notes_are_translated_where_chinese_is_known(note: str, chinese: str, result: FitResult) -> None:
    noted = replace(result, notes=(note,))
    assert note in text(noted).splitlines()
    assert chinese in text(noted, "zh").splitlines()


def test_every_note_that_a_regression_has_is_known_in_chinese() -> None:
    """The notes as the estimators write them today, so that neither side can be reworded alone."""
    rng = np.random.default_rng(5)
    data = pd.DataFrame({name: rng.normal(size=60) for name in ("y", "x", "z")})
    data = data.assign(
        firm=np.arange(60) // 6, year=np.arange(60) % 6, twice=2 * data["x"], gap=data["z"].mask(data.index < 3),
        one=(np.arange(60) < 6).astype(int), spot=(np.arange(60) == 4).astype(int), exact=1 + 3 * data["x"],
        alone=np.where(np.arange(60) < 2, np.arange(60) + 100, np.arange(60) // 6), region=np.arange(60) // 2,
        lon=np.repeat(np.arange(20) * 10.0, 3), lat=np.tile([0.0, 0.54, 1.08], 20), half=np.repeat([1.0, 2.0], 30),
        sign=np.tile([1.0, -1.5, 1.0], 20) * np.repeat([1.0, -1.0], 30),  # of three places in a row, 60 km apart
    )  # fmt: skip
    asked = [
        ("y ~ x", None), ("y ~ x + twice", "HC1"), ("y ~ gap", "HC1"), ("log(y) ~ x", "HC1"), ("exact ~ x", "HC1"),
        ("y ~ x | alone", "HC1"), ("y ~ one | year", "cluster:firm"), ("y ~ spot", "HC1"), ("y ~ x", "cluster:region"),
        ("y ~ x + C(firm)", "cluster:firm"), ("sign ~ half", "conley:uniform 70km"),
        ("sign ~ half", "conley:uniform 70km repaired"), ("y ~ x * z | year", "cluster:firm+year"),
        ("y ~ x", "conley:9000km"),
        ("y ~ x * z + one | year", "cluster:firm+year"), ("y ~ x * z + one | year", "cluster:firm+year repaired"),
    ]  # fmt: skip
    notes = {note: fit(formula, data, vcov=vcov, coords=("lon", "lat")) for formula, vcov in asked
             for note in fit(formula, data, vcov=vcov, coords=("lon", "lat")).notes}  # fmt: skip
    kinds = (
        "no errors were named", "too few", "few, so", "full rank", "one cluster by", "one row alone", "dropped be",
        "missing", "alone in its", "not defined", "to the last digit", "No standard error", "two-way", "Conley",
        "of all pairs",
    )  # fmt: skip
    assert [kind for kind in kinds if not any(kind in note for note in notes)] == []
    one = fit("y ~ one + x", data, vcov="cluster:firm")
    verbs = (one.wild("one", seed=1), one.curve("one"), one.curve("one", vcov=["iid", "HC1"]), one.curve("x"))
    said = [verb.notes for verb in verbs]
    assert [len(each) for each in said] == [1, 1, 0, 0]  # six rows are one cluster, and many rows
    assert "rejects far too rarely" in said[0][0] and "under cluster(firm)" in said[1][0]
    for note, result in [*notes.items(), *((verb.notes[0], verb) for verb in verbs[:2])]:
        assert note not in text(result, "zh").splitlines(), note
        assert note in text(result).splitlines(), note


def test_rows_left_out_for_another_reason_are_not_called_missing() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 4, 3, 5, 7], "x": [1.0, 2, 3, 5, 4, 9], "firm": [1, 1, 2, 2, 2, 3]})
    alone, gap = (
        fit("y ~ x | firm", data, vcov="HC1"),
        fit("y ~ x", data.assign(x=data["x"].mask([True] + 5 * [False]))),
    )
    assert "left out                 1" in re.sub(" {2,}", " " * 17, text(alone)) and "missing" not in text(alone)
    assert "left out for missing values" in text(gap)


def test_a_small_coefficient_is_not_printed_as_zero() -> None:
    """The same regression in another unit has the same figures, however small."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"y": rng.normal(size=50), "x": rng.normal(size=50)})
    x, y = (data[name].to_numpy() - data[name].mean() for name in ("x", "y"))
    error = np.sqrt(((y - x * (x @ y) / (x @ x)) ** 2).sum() / 48 / (x @ x))
    assert 0.1 < error < 0.2
    for scale, said in ((1e4, f"(0.0000{100 * error:.0f})"), (1e12, f"({10 * error:.1f}e-13)")):
        table = text(fit("y ~ x", data.assign(x=data["x"] * scale), vcov="iid"))
        assert said in table and "(0.000)" not in table


@pytest.mark.parametrize(
    ("name", "printed"),
    [("year::2002:dose", "year::2002 × dose"), ("C(shift)[6:30]:x", "C(shift)[6:30] × x"), ("a::b", "a::b")],
)
def test_a_colon_is_a_product_only_between_terms(name: str, printed: str) -> None:
    assert column_words(name)[0] == printed


def test_a_single_row_of_many_columns_is_printed_down_the_screen() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"y": rng.normal(size=40), "d": rng.integers(0, 2, 40)})
    shown = text(fit("y ~ d", data, vcov="HC1").randomize("d", seed=1, draws=49))
    assert max(map(len, shown.splitlines())) < 60
    assert {"p", "t", "low", "high", "p_of_estimate"} <= {line.split()[0] for line in shown.splitlines() if line}
