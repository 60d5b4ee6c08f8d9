"""The ledger of claims: rows in both languages, a page that is whole by itself, files that nothing runs."""

import csv
import io
import re
import zipfile
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from shanhai.claims.findings import Finding, OtherBasis
from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ReportError
from shanhai.report.ledger import ledger_html, ledger_rows, write_ledger_files
from shanhai.report.ledger.rows import _grouped, _with_unit, _within
from shanhai.report.results import LANGUAGES, Results

SCRIPT = '<script>alert("x")</script>'

OTHER = OtherBasis("adults", "aged 15 and over", "15岁及以上", 6.32, "contradicted", "Mind the children.", "")


def finding(**changed: Any) -> dict[str, Any]:
    """A share of 5.39 percent that is reproduced."""
    texts = dict.fromkeys(Finding.__dataclass_fields__, "")
    known: dict[str, Any] = {
        "id": "Q14a", "seed": "quzhou-2023", "statements": "N0012;N0013", "line": "67", "place": "Quzhou",
        "place_zh": "衢州市", "period": "2020", "gist": "Illiterates", "gist_zh": "文盲率", "indicator": "illiteracy",
        "indicator_zh": "文盲率", "claimed": "5.39 %", "claimed_zh": "5.39%", "computed": 5.3917, "unit": "%",
        "unit_zh": "%", "verdict": "reproduced", "rule": "Each digit.", "rule_zh": "各位数字一致。", "basis_key": "all",
        "basis": "of the residents", "basis_zh": "占常住人口的比重", "robustness": "1 hold, 1 fail, 0 undecided",
        "robustness_zh": "1种成立", "bases": 2, "agreeing": 1, "others": (OTHER,), "p": None, "p_holm": None,
        "p_bh": None, "one_sided": False, "data": "census_2020", "columns": "census_2020.population",
        "code": "lib/shanhai/claims/papers/quzhou_people.py:60",
    }  # fmt: skip
    record = asdict(Finding(**(texts | known | changed)))
    return {**record, "others": list(record["others"])}


def results(*findings: dict[str, Any]) -> Results:
    made = Results(Path(), MappingProxyType({}), MappingProxyType({}))
    made.__dict__["findings"] = list(findings)  # what the reader would find in the file
    return made


class Page(HTMLParser):
    """Tags of a page with their attributes, and its text; a tag that is not closed in its turn is refused."""

    void = frozenset({"br", "input", "link", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_row_has_its_texts_in_the_language_and_numbers_apart() -> None:
    english, chinese = (ledger_rows(results(finding()), language)[0] for language in ("en", "zh"))
    assert (english["computed"], english["computed_value"], chinese["computed"]) == ("5.39 %", 5.3917, "5.39%")
    assert (english["place"], chinese["place"]) == ("Quzhou", "衢州市")
    assert english["document"].startswith("New paths") and chinese["document"].startswith("山区和省际地区")
    assert english["tables"] == ["Population census by county (data/census_2020.csv; 2020): Resident population"]
    border = finding(data="", columns="county_frame.on_border; county_terrain.elevation_mean_m")
    described = ledger_rows(results(border), "zh")[0]["tables"]
    assert described[0] == "由上述各表计算的县级数据框（county_frame.csv）：是否与外省县相邻"
    assert described[1].endswith("：平均海拔")
    assert english["robustness"].endswith("1 of 2 bases agree with the primary one, itself among them")
    assert english["formula"] == "illiteracy (%) = of the residents"


def test_a_part_is_set_against_its_whole_in_the_formula() -> None:
    part = finding(computed={"percent of GDP": 4.04}, basis="over the GDP of 2021", basis_zh="占2021年GDP的比重")
    formulas = [ledger_rows(results(part), language)[0]["formula"] for language in ("en", "zh")]
    assert formulas == [
        "percent of GDP = 100 × the printed figure ÷ GDP of 2021",
        "占GDP的百分比＝100×所载数值÷2021年GDP",
    ]


def test_intervals_and_p_values_say_how_uncertain_an_estimate_is() -> None:
    estimate = {"estimate": -0.1169, "low": -0.2, "high": -0.0333}
    row = finding(computed=estimate, p=0.0004, p_holm=0.02, p_bh=0.01, one_sided=True)
    (english,) = ledger_rows(results(row), "en")
    assert english["uncertainty"] == (
        "interval -0.200 to -0.033; one-sided p < 0.001; adjusted over the ledger 0.020 (Holm), 0.010 "
        "(Benjamini-Hochberg)"
    )
    assert english["computed_value"] == -0.1169
    conditions = ledger_rows(results(finding(computed={"poorer than Sichuan": True})), "en")[0]
    assert conditions["computed_value"] is None


def test_what_has_no_chinese_stands_in_english_and_is_marked() -> None:
    """As may be with a claims table of a user's own."""
    made = results(finding(seen="All was known.", note="Mind it.", note_zh="请注意。"))
    (row,) = ledger_rows(made, "zh")
    assert (row["seen"], row["note"], row["english"]) == ("All was known.", "请注意。", {"seen"})
    html = ledger_html(made, "zh")
    assert '<span lang="en">All was known.</span>' in html and '<span lang="en">Mind the children.</span>' in html
    assert 'lang="en"' not in ledger_html(made, "en")


def test_a_finding_of_older_results_is_refused() -> None:
    old = {name: value for name, value in finding().items() if name not in ("seen_zh", "code")}
    with pytest.raises(ReportError, match=r"'Q14a' has no code, seen_zh: .* Run `shanhai reproduce` again"):
        ledger_rows(results(old), "en")


def test_every_claim_is_on_the_page_without_a_script() -> None:
    parts = [finding(id=f"M27{letter}", part_of="M27", whole="Herbs", whole_zh="药材") for letter in "ab"]
    page = Page(ledger_html(results(finding(), *parts), "en"))
    assert [body["id"] for body in page.all("tbody")] == ["Q14a", "M27a", "M27b"]
    assert page.all("script") == [] and not any(name.startswith("on") for _, each in page.tags for name in each)
    assert len(page.all("details")) == 1 + 3  # meanings of the verdicts, and one a claim
    assert {"id": "M27"} in page.all("a")  # where links to the whole lead
    ids = [each["id"] for _, each in page.tags if "id" in each]
    assert len(ids) == len(set(ids))
    targets = {str(link["href"])[1:] for link in page.all("a") if "href" in link and "=" not in str(link["href"])}
    assert targets <= set(ids)
    assert "hidden" in page.all("form")[0]
    for said in ("line 67, statements N0012, N0013", "quzhou_people.py:60", "aged 15 and over", "Each digit."):
        assert said in page.text


def test_what_a_user_writes_stays_text() -> None:
    names = ("id", "part_of", "whole", "same_as", "seed", "place", "gist", "claimed", "indicator", "note", "code")
    other = OtherBasis("x", SCRIPT, "", {SCRIPT: 1}, "consistent", SCRIPT, "")
    said: dict[str, Any] = dict.fromkeys(names, SCRIPT)
    row = finding(**said, others=(other,), computed={SCRIPT: 1}, data=SCRIPT, columns=f"{SCRIPT}.x")
    for language in LANGUAGES:
        html = ledger_html(results(row), language)
        page = Page(html)
        assert "<script" not in html and page.all("script") == []
        assert page.text.count(SCRIPT) > 10


def test_counts_of_verdicts_leave_repeated_claims_out() -> None:
    html = ledger_html(results(finding(), finding(id="Q14b", same_as="Q14a")), "zh")
    assert "共2条，其中1条与另一条重复，合计一次，故有判定的不同论断为1条" in html
    assert 'data-verdict="reproduced"><a href="#verdict=reproduced">' in html


def test_code_leads_to_the_repository_where_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = results(finding())
    assert "blob" not in ledger_html(made, "en")
    project = '[project]\nname = "x"\n[project.urls]\nRepository = "https://example.org/house/shanhai/"\n'
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    monkeypatch.setattr("shanhai.report.ledger.page.ROOT", tmp_path)
    address = "https://example.org/house/shanhai/blob/HEAD/lib/shanhai/claims/papers/quzhou_people.py#L60"
    assert f'href="{address}"' in ledger_html(made, "en")
    (tmp_path / "pyproject.toml").write_text(project.replace("https:", "javascript:"), encoding="utf-8")
    assert "blob" not in ledger_html(made, "en")


def test_the_table_for_spreadsheets_has_numbers_and_nothing_that_runs(tmp_path: Path) -> None:
    write_ledger_files(results(finding(gist="=HYPERLINK(1)", p=0.03), finding(id="B1", computed=None)), tmp_path)
    content = (tmp_path / "ledger-en.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (first["Claim"], first["Computed value"], first["p"]) == ("Q14a", "5.3917", "0.03")
    assert first["What the document says"] == "'=HYPERLINK(1)"
    assert (second["Computed value"], second["p"], second["Official figures give"]) == ("", "", "")
    chinese = next(csv.DictReader(io.StringIO((tmp_path / "ledger-zh.csv").read_bytes().decode("utf-8-sig"))))
    assert (chinese["编号"], chinese["判定"], chinese["地点"]) == ("Q14a", "得到复现", "衢州市")


def test_the_table_for_word_is_landscape_with_a_head_on_each_page(tmp_path: Path) -> None:
    paths = write_ledger_files(results(finding(gist="Illiterates\x07"), finding(id="Q14b")), tmp_path / "first")
    again = write_ledger_files(results(finding(gist="Illiterates\x07"), finding(id="Q14b")), tmp_path / "second")
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]
    document = Document(str(tmp_path / "first" / "ledger-zh.docx"))
    assert document.sections[0].orientation == WD_ORIENT.LANDSCAPE
    (table,) = document.tables
    assert [cell.text for cell in table.rows[1].cells][:3] == ["Q14a", "余豪骥、洪璐晨（2023），第67行", "衢州市"]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    for style in ("Normal", "Heading 1"):
        assert document.styles[style].element.rPr.rFonts.get(qn("w:eastAsia")) == "SimSun"
    times = {member.date_time for member in zipfile.ZipFile(paths[1]).infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}


def test_a_place_is_found_under_all_that_it_lies_in() -> None:
    assert _within("衢江区与鄞州区") == "Zhejiang 浙江省 Ningbo 宁波市 Quzhou 衢州市"
    assert _within("丽水市") == _within("山区26县") == "Zhejiang 浙江省"
    assert _within("全国") == ""


def test_numbers_have_groups_units_and_words_of_their_language() -> None:
    claim = {"id": "B09a", "computed": {"rural residents, 2020 less 2010": -153017761}}
    assert _with_unit("change -153,017,761", claim, "", "en") == "change -153,017,761 people"
    assert _with_unit("282.84", {"id": "x", "computed": 282.84}, "100m yuan", "en") == "28.284 billion yuan"
    assert (_grouped("1100000人", "zh"), _grouped("30 100m yuan", "en")) == ("1,100,000人", "3 billion yuan")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_verdict_says_how_many_claims_have_it_and_one_printed_twice_counts_once(language: str) -> None:
    verdicts = ["reproduced", "reproduced", "contradicted", "no data"]
    rows = [finding(id=f"Q{number}", verdict=verdict) for number, verdict in enumerate(verdicts)]
    html = ledger_html(results(*rows, finding(id="B9", verdict="contradicted", same_as="Q2")), language)
    found = re.findall(r'<li data-verdict="([^"]+)">.*?<span class="ledger-number">(\d+)</span>', html)
    counts = {verdict: int(number) for verdict, number in found}
    assert list(counts) == [str(verdict) for verdict in Verdict]
    assert {verdict: number for verdict, number in counts.items() if number} == {
        "reproduced": 2, "contradicted": 1, "no data": 1,
    }  # fmt: skip
