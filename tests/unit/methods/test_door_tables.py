"""Tables of several regressions: cells are the numbers of each package, and names stay names in every form."""

import io
import re
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pyfixest
import pytest
import spreg
import statsmodels.api as sm
import statsmodels.formula.api as smf
import typst
from docx import Document
from libpysal.weights import KNN
from linearmodels import PanelOLS
from linearmodels.iv.absorbing import AbsorbingLS
from pandas.errors import Pandas4Warning

from shanhai.core.errors import EnvironmentMissingError, SpecificationError
from shanhai.methods import RegressionTable, etable, fit

NASTY = "价值 <script>alert(1)</script> &_%$#@{}\\~^*[x]//`=+-\"'"


@pytest.fixture(scope="module")
def firms() -> pd.DataFrame:
    """Grunfeld's investment of eleven firms, as statsmodels ships it."""
    return sm.datasets.grunfeld.load_pandas().data


@pytest.fixture(scope="module")
def nasty(firms: pd.DataFrame) -> RegressionTable:
    return etable(
        fit("invest ~ value + capital | firm", firms, vcov="cluster:firm"),
        labels={"value": NASTY, "invest": NASTY, "firm": NASTY},
        caption=NASTY,
    )


def cell(table: RegressionTable, label: str, column: int = 0) -> str:
    """The cell of a row in a column."""
    (place,) = [place for place, key in enumerate(table.frame.index) if key[1] == label]
    return str(table.frame.iloc[place, column])


def test_cells_are_estimate_and_error_with_as_many_decimals() -> None:
    # y = 2x - 1 + e with e = (.5, -.5, -.5, .5) on x = 1, 2, 3, 4: slope 2, s2 = 1/2, variance s2 / 5
    frame = pd.DataFrame({"y": [1.5, 2.5, 4.5, 7.5], "x": [1.0, 2.0, 3.0, 4.0]})
    table = etable(fit("y ~ x", frame, vcov="iid"), digits=3)
    assert cell(table, "x") == "2.000**\n(0.316)"
    assert cell(table, "Observations") == "4"
    assert cell(table, "Mean of outcome") == "4.000"
    assert cell(etable(fit("y ~ x", frame, vcov="iid"), below="t", stars=()), "x") == "2.00\n(6.32)"


def test_small_coefficients_keep_their_digits() -> None:
    frame = pd.DataFrame({"y": [1.5, 2.5, 4.5, 7.5], "x": [1e9, 2e9, 3e9, 4e9]})
    assert cell(etable(fit("y ~ x", frame, vcov="iid")), "x") == "2.00e\N{MINUS SIGN}09**\n(3.16e\N{MINUS SIGN}10)"
    frame["x"] /= 1e14
    assert cell(etable(fit("y ~ x", frame, vcov="iid")), "x") == "200,000**\n(31,623)"


def test_results_of_other_packages_stand_beside_ours_with_their_own_numbers(firms: pd.DataFrame) -> None:
    with pytest.warns(Pandas4Warning):  # of their own making
        panel = PanelOLS.from_formula("invest ~ value + capital + EntityEffects", firms.set_index(["firm", "year"]))
        absorbed = pyfixest.feols("invest ~ value + capital | firm", firms, vcov={"CRV1": "firm"})
    theirs = {
        "statsmodels": smf.ols("invest ~ value + capital", firms).fit(cov_type="HC1"),
        "pyfixest": absorbed,
        "linearmodels": panel.fit(cov_type="unadjusted"),
    }
    table = etable({"ours": fit("invest ~ value + capital", firms, vcov="HC1"), **theirs}, digits=4, stars=())
    assert cell(table, "value", 0) == cell(table, "value", 1)
    assert cell(table, "Intercept", 0) == cell(table, "Intercept", 1)  # under one name
    se = float(theirs["pyfixest"].se()["value"])
    assert cell(table, "value", 2).endswith(f"({se:.5f})")
    assert cell(table, "value", 3).endswith(f"({theirs['linearmodels'].std_errors['value']:.5f})")
    assert [cell(table, "firm fixed effects", column) for column in range(4)] == ["", "", "yes", "yes"]
    assert cell(table, "Standard errors", 2) == "cluster(firm)"
    assert cell(table, "R²", 2) == cell(table, "R²", 3) == f"{theirs['linearmodels'].rsquared_inclusive:.3f}"


def test_labels_put_every_word_of_a_table_into_another_language(firms: pd.DataFrame) -> None:
    words = {"Observations": "观测数", "firm fixed effects": "企业固定效应", "yes": "是", "Standard errors": "标准误"}
    words["cluster(firm) fixest"] = "聚类到企业"
    table = etable(fit("invest ~ value | firm", firms, vcov="cluster:firm"), labels=words)
    assert (cell(table, "观测数"), cell(table, "企业固定效应"), cell(table, "标准误")) == ("220", "是", "聚类到企业")


def test_results_of_spreg_keep_names_and_missing_tests() -> None:
    rng = np.random.default_rng(1)
    weights = KNN.from_array(rng.random((40, 2)), k=4)
    weights.transform = "r"
    x = rng.normal(size=(40, 2))
    y = (x @ [1.0, 2.0] + rng.normal(size=40))[:, None]
    named: dict[str, Any] = {"w": weights, "name_y": "crime", "name_x": ["income", "value"]}
    with pytest.warns(Pandas4Warning):  # of its own making
        lag, errors = spreg.ML_Lag(y, x, **named), spreg.GM_Error(y, x, **named)
    table = etable([lag, errors], stars=())
    number = f"{lag.betas[-1, 0]:.{1 - int(np.floor(np.log10(lag.std_err[-1])))}f}".replace("-", "\N{MINUS SIGN}")
    assert cell(table, "W_crime").split("\n")[0] == number
    assert cell(table, "lambda", 1).endswith("(n/a)")
    assert table.frame.columns[0][0] == "crime"


def test_names_are_text_in_html(nasty: RegressionTable) -> None:
    class Tags(HTMLParser):
        seen: ClassVar[set[str]] = set()

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.seen.add(tag)

    parser = Tags()
    parser.feed(nasty.html())
    assert "table" in parser.seen
    assert "script" not in parser.seen


def test_names_are_text_in_typst(nasty: RegressionTable, tmp_path: Path) -> None:
    (tmp_path / "table.typ").write_text(nasty.typst(), encoding="utf-8")
    assert typst.compile(str(tmp_path / "table.typ")).startswith(b"%PDF")
    assert "\\`" in nasty.typst()
    assert "\\$" in nasty.typst()


def test_names_are_text_in_latex(nasty: RegressionTable) -> None:
    written = nasty.latex()
    assert r"\textless{}script\textgreater{}" in written
    assert r"\&\_\%\$\#@\{\}\textbackslash{}\textasciitilde{}\textasciicircum{}" in written
    assert written.count("{") == written.count("}")


def test_word_has_a_font_for_chinese_and_the_same_bytes(nasty: RegressionTable) -> None:
    content = nasty.word()
    assert content == nasty.word()
    document = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    fonts = re.findall(r"<w:rFonts [^>]*>", document)
    assert fonts
    assert all('w:eastAsia="SimSun"' in font for font in fonts)
    texts = {each.text for row in Document(io.BytesIO(content)).tables[0].rows for each in row.cells}
    assert NASTY in texts


@pytest.mark.parametrize("suffix", [".txt", ".html", ".tex", ".typ", ".docx"])
def test_a_table_is_saved_by_its_suffix_with_the_same_bytes(
    nasty: RegressionTable, tmp_path: Path, suffix: str
) -> None:
    first = nasty.save(tmp_path / f"a{suffix}").read_bytes()
    assert first == nasty.save(tmp_path / f"b{suffix}").read_bytes()
    assert first


def test_columns_of_text_are_even_where_letters_are_wide(nasty: RegressionTable) -> None:
    lines = etable(
        fit("y ~ x", pd.DataFrame({"y": [1.0, 2.0, 2.5], "x": [1.0, 2.0, 3.0]}), vcov="iid"), labels={"x": "收入"}
    ).text()
    row = next(line for line in lines.splitlines() if line.startswith("收入"))
    other = next(line for line in lines.splitlines() if line.startswith("Intercept"))
    assert len(row.rstrip("*")) + 2 == len(other.rstrip("*"))  # two letters that take two places each


def test_a_column_that_sounds_like_an_intercept_is_none(firms: pd.DataFrame) -> None:
    data = firms.rename(columns={"capital": "const"})
    ours = fit("invest ~ value + const", data, vcov="iid")
    table = etable(
        [ours, smf.ols("invest ~ value + const", data).fit(), fit("invest ~ const | firm", data, vcov="iid")]
    )
    assert [label for _, label in table.frame.index[:3]] == ["value", "const", "Intercept"]
    for column in (0, 1):
        assert cell(table, "const", column) == cell(
            etable(fit("invest ~ value + capital", firms, vcov="iid")), "capital"
        )
        assert cell(table, "Intercept", column).startswith("−38")
    assert cell(table, "const", 2) and not cell(table, "Intercept", 2)


def test_kept_coefficients_are_in_the_order_asked_and_the_others_are_said(firms: pd.DataFrame) -> None:
    table = etable(fit("invest ~ value + capital", firms, vcov="iid"), keep=["capital"], rows={"Sample": ["all"]})
    assert [key[1] for key in table.frame.index][:1] == ["capital"]
    assert "Also estimated: Intercept, value." in table.notes
    assert cell(table, "Sample") == "all"


def test_a_table_in_chinese_has_no_english_word_but_names(firms: pd.DataFrame) -> None:
    fits = [
        fit("invest ~ value + capital", firms, vcov="HC1"),
        fit("invest ~ value | firm", firms, vcov="cluster:firm"),
    ]
    names = {"value": "市值", "firm": "企业", "invest": "投资"}
    table = etable(fits, language="zh", labels=names, keep=["value"])
    assert [label for _, label in table.frame.index] == [
        "市值", "企业固定效应", "标准误类型", "聚类数", "观测数", "被解释变量均值", "R²", "组内R²",
    ]  # fmt: skip
    assert table.notes == "圆括号内为标准误。* p < 0.1，** p < 0.05，*** p < 0.01。未列出的系数：常数项、capital。"
    assert cell(table, "企业固定效应", 1) == "是"
    assert "方括号内为95%置信区间" in etable(fits, language="zh", below="ci", stars=()).notes
    own = etable(fits, language="zh", labels={"Observations": "样本量"})
    assert "样本量" in [label for _, label in own.frame.index]


def test_levels_of_pyfixest_are_no_products(firms: pd.DataFrame) -> None:
    some = firms[firms["year"] < 1938].astype({"year": int})
    with pytest.warns(Pandas4Warning):  # of their own making
        events = pyfixest.feols("invest ~ i(year, ref=1935) + i(year, value, ref=1935) | firm", some)
    labels = [label for _, label in etable(events, labels={"year": "Year", "value": "Value"}).frame.index]
    assert labels[:4] == ["Year = 1936", "Year = 1937", "Year = 1936 × Value", "Year = 1937 × Value"]
    ours = fit("invest ~ `a::b`", some.rename(columns={"value": "a::b"}), vcov="iid")
    assert [label for _, label in etable(ours).frame.index][:1] == ["a::b"]


def test_names_with_colons_are_no_products(firms: pd.DataFrame) -> None:
    data = firms.rename(columns={"value": "https://x.y", "capital": "a:b"})
    ours = fit("invest ~ `https://x.y` * `a:b` + C(firm):`a:b`", data, vcov="iid")
    labels = [label for _, label in etable(ours, labels={"a:b": "Capital"}).frame.index]
    assert labels[:3] == ["https://x.y", "Capital", "https://x.y × Capital"]
    assert "C(firm)[T.Chrysler] × Capital" in labels
    theirs = smf.ols("invest ~ Q('https://x.y') : Q('a:b')", data).fit()
    assert [label for _, label in etable(theirs).frame.index][:1] == ["Q('https://x.y') × Q('a:b')"]


def test_halves_of_surrogate_pairs_are_marked_in_every_form(firms: pd.DataFrame, tmp_path: Path) -> None:
    result = fit("invest ~ `val\ud800ue`", firms.rename(columns={"value": "val\ud800ue"}), vcov="iid")
    table = etable({"\udc00": result}, caption="\ud801", keep=["intercept"])
    for suffix in (".txt", ".html", ".tex", ".typ", ".docx"):
        assert table.save(tmp_path / f"a{suffix}").read_bytes()
    assert "val\ufffdue" in table.notes
    assert "val\ufffdue" in str(result.summary()).encode().decode()


def test_small_p_values_are_printed_as_a_bound_and_decimals_follow_the_error(firms: pd.DataFrame) -> None:
    result = fit("invest ~ value + capital", firms, vcov="iid")
    assert 0 < result.p[1] < 0.0005 < 0.001
    lines = str(result.summary()).splitlines()
    row = next(line.split() for line in lines if line.startswith("value"))
    assert row[4] == "<0.001"
    assert row[1:3] == [f"{result.params[1]:.6f}", f"{result.se[1]:.6f}"]  # 0.005836: four figures
    near = replace(result, covariance=np.diag((result.params / 3.4) ** 2))
    assert 0.0005 < near.p[1] < 0.001  # 0.0008, which three decimals would print as 0.001
    assert {cell(etable(near, below="p"), name).split("\n")[1] for name in ("value", "capital")} == {"[<0.001]"}
    exact = replace(result, params=np.array([0.5, 2.0, 1.0]), covariance=np.diag([0.0625, 0.25, np.nan]))
    lines = str(exact.summary()).splitlines()
    assert next(line.split() for line in lines if line.startswith("value"))[1:3] == ["2.0000", "0.5000"]
    assert next(line.split() for line in lines if line.startswith("capital"))[1:] == ["1.000", *["n/a"] * 5]


def test_what_is_no_regression_is_refused(firms: pd.DataFrame) -> None:
    result = fit("invest ~ value", firms, vcov="iid")
    for models, message in (
        ([], "there is no regression"),
        ([result, "text"], "is no regression that a table can show"),
        (firms, "is no regression that a table can show"),
    ):
        with pytest.raises(SpecificationError, match=message):
            etable(models)
    for wrong, message in (
        ({"below": "sd"}, "below"),
        ({"digits": 0}, "digits"),
        ({"stars": (0.01, 0.05)}, "stars"),
        ({"keep": ["valu"]}, "keep names 'valu'"),
        ({"keep": 3}, r"keep is 3; allowed: names of coefficients\. Give keep=\['Intercept'\]"),
        ({"labels": 3}, "labels hold 3 of type int; allowed: a mapping of text to text"),
        ({"labels": {"value": 3}}, "labels hold 3 of type int"),
        ({"language": "fr"}, "the language of the table"),
        ({"rows": {"Sample": ["a", "b"]}}, "has 2 values"),
    ):
        with pytest.raises(SpecificationError, match=message):
            etable(result, **wrong)
    with pytest.raises(SpecificationError, match=r"cannot be saved as \.pdf"):
        etable(result).save("table.pdf")


def test_a_missing_package_is_named(firms: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "maketables", None)
    with pytest.raises(EnvironmentMissingError, match=r"pip install"):
        etable(fit("invest ~ value", firms, vcov="iid"))


def test_r2_within_is_about_all_effects_for_linearmodels_too(firms: pd.DataFrame) -> None:
    """Its rsquared_within takes out firms alone, whatever else the model absorbs."""
    panel = firms.set_index(["firm", "year"])
    effects = firms[["firm", "year"]].astype("category")
    with pytest.warns(Pandas4Warning):  # of their own making
        both = PanelOLS(panel["invest"], panel[["value", "capital"]], entity_effects=True, time_effects=True).fit()
        none = PanelOLS(panel["invest"], panel[["value", "capital"]]).fit()
        absorbing = AbsorbingLS(firms["invest"], firms[["value", "capital"]], absorb=effects).fit()
        theirs = pyfixest.feols("invest ~ value + capital | firm + year", firms)
    ours = fit("invest ~ value + capital | firm + year", firms, vcov="iid")
    table = etable([ours, both, absorbing, none])
    within = f"{theirs._r2_within:.3f}"
    assert within != f"{both.rsquared_within:.3f}"
    assert [cell(table, "R² within", column) for column in range(4)] == [within, within, within, ""]
    assert [cell(table, "R²", column) for column in range(3)] == [f"{ours.r2:.3f}"] * 3


def test_labels_of_which_the_table_has_none_are_refused_and_a_shared_mapping_is_not(firms: pd.DataFrame) -> None:
    result = fit("invest ~ value | firm", firms, vcov="cluster:firm")
    with pytest.raises(SpecificationError, match=r"'X9', none of which the table has; allowed:.* invest,.*value"):
        etable(result, labels={"X9": "Ninth"})
    assert cell(etable(result, labels={"X9": "Ninth", "value": "Value"}), "Value")


def test_a_fixed_effect_with_a_plus_in_its_name_is_one(firms: pd.DataFrame) -> None:
    named = firms.rename(columns={"firm": "a + b"})
    table = etable(fit("invest ~ value | `a + b` + year", named, vcov="HC1"))
    assert [line for line in table.text().splitlines() if "fixed effects" in line] == [
        "a + b fixed effects       yes", "year fixed effects        yes"
    ]  # fmt: skip
