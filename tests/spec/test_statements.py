"""Every statement of the five documents is handled once, and the register says what it must."""

import re

import pandas as pd
import pytest

from shanhai.claims.statements import count_topics, register_from
from shanhai.core.paths import ROOT
from shanhai.data.load import load_table

STATEMENTS = load_table("statements")
REGISTER = STATEMENTS[STATEMENTS["handling"].eq("register")]
PAGE = (ROOT / "lib" / "docs" / "statements.md").read_text(encoding="utf-8")

LINES = {
    "quzhou-2023": 136,
    "shanhai-collaboration": 44,
    "zhejiang-magazine-2021": 10676,
    "plan-2021-2025-note": 20,
    "bazhong-2024": 106,
}
"""Lines of each document as plain text."""

GROUPS = ("Leapfrog counties", "Ecological counties", "Counties of Quzhou except")
"""Places that stand for several units without naming them."""


def ids(handling: str) -> set[str]:
    return set(STATEMENTS.loc[STATEMENTS["handling"].eq(handling), "id"])


def test_every_statement_is_there_once() -> None:
    assert STATEMENTS["id"].tolist() == [f"N{number:04d}" for number in range(1, 875)]
    parts = [ids(handling) for handling in ("claim", "register", "left_out")]
    assert [len(part) for part in parts] == [227, 468, 179]
    assert sum(map(len, parts)) == 874


def test_statements_of_the_ledger_are_those_that_claims_name() -> None:
    named = {statement for text in load_table("claims")["statements"].dropna() for statement in text.split(";")}
    assert named == ids("claim")


def test_only_the_register_is_told_and_only_what_is_left_out_has_a_reason() -> None:
    told = ["topic", "gist", "gist_zh", "needs", "needs_zh", "status"]
    others = STATEMENTS.drop(REGISTER.index)
    assert REGISTER[told].notna().all(axis=None)
    assert others[[*told, "period", "relation", "value", "unit"]].isna().all(axis=None)
    assert STATEMENTS["reason"].notna().equals(STATEMENTS["handling"].eq("left_out"))


def test_figures_and_units_come_together() -> None:
    has_value, has_unit = REGISTER["value"].notna(), REGISTER["unit"].notna()
    assert REGISTER.loc[has_value & ~has_unit, "id"].tolist() == []
    numbers = [part.strip() for text in REGISTER["value"].dropna() for part in text.split(";")]
    assert [text for text in numbers if not re.fullmatch(r"-?\d+(\.\d+)?|\d{4}-\d\d(-\d\d)?", text)] == []


def test_sources_name_somebody_and_say_whether_anything_is_printed() -> None:
    unprinted = REGISTER["needs"].str.startswith("not ")
    assert REGISTER["needs"].str.len().min() > 20
    assert REGISTER.loc[REGISTER["status"].eq("published") & unprinted, "id"].tolist() == []
    assert REGISTER["needs_zh"].str.contains(r"[\u4e00-\u9fff]{4}").all()
    assert unprinted.equals(REGISTER["needs_zh"].str.contains(r"^(?:未|年鉴不载)"))


def test_targets_are_those_whose_year_has_not_come() -> None:
    targets = REGISTER["relation"].eq("target") & REGISTER["status"].ne("underspecified")
    assert REGISTER.loc[targets & REGISTER["status"].ne("target"), "id"].tolist() == []


def test_gists_are_whole_sentences_in_both_languages() -> None:
    assert REGISTER.loc[~REGISTER["gist"].str.fullmatch(r"(?s)[A-Z0-9'].*\."), "id"].tolist() == []
    assert REGISTER.loc[~REGISTER["gist_zh"].str.fullmatch(r"(?s).*[\u4e00-\u9fff].*。"), "id"].tolist() == []
    assert REGISTER["gist_zh"].str.len().max() <= 60
    assert REGISTER.loc[REGISTER["gist"].duplicated(keep=False), "id"].tolist() == []
    assert REGISTER.loc[REGISTER["gist_zh"].duplicated(keep=False), "id"].tolist() == []


def test_lines_are_inside_the_document() -> None:
    beyond = STATEMENTS["line"] > STATEMENTS["seed"].map(LINES)
    assert STATEMENTS.loc[beyond, "id"].tolist() == []


@pytest.fixture(scope="module")
def short_names() -> dict[str, tuple[str, str]]:
    """Names of every unit without its kind, English and Chinese, by code."""
    counties, prefectures, provinces = (load_table(name) for name in ("counties", "prefectures", "provinces"))
    bare = counties["name_zh"].str.replace(r"(?:[一-鿿]族自治县|[县市区])$", "", regex=True)
    small = zip(counties["code"], zip(counties["name_en"], bare, strict=True), strict=True)
    large = pd.concat([prefectures, provinces])
    return dict(small) | dict(
        zip(large["code"], zip(large["name_short_en"], large["name_short_zh"], strict=True), strict=True)
    )


def test_codes_exist_and_are_those_of_the_places_named(short_names: dict[str, tuple[str, str]]) -> None:
    coded = STATEMENTS.dropna(subset="code")
    wrong = {}
    for row in coded[~coded["place"].str.startswith(GROUPS)].itertuples():
        codes = row.code.split(";")
        assert len(set(codes)) == len(codes) and set(codes) <= set(short_names), row.id
        strange = [code for code in codes if not _is_named(short_names[code], row.place, row.place_zh)]
        if strange:
            wrong[row.id] = strange
    assert wrong == {}


def _is_named(names: tuple[str, str], place: str, place_zh: str) -> bool:
    return names[0].split()[0] in place and names[1] in place_zh


def test_the_page_counts_what_the_table_holds() -> None:
    counts = count_topics(register_from(STATEMENTS))
    rows = {topic: row.tolist() for topic, row in counts.iterrows()} | {"all": counts.sum().tolist()}
    said = {"handling": STATEMENTS["handling"].value_counts(), "reason": STATEMENTS["reason"].value_counts()}
    assert [topic for topic, row in rows.items() if f"| {topic} | {' | '.join(map(str, row))} |" not in PAGE] == []
    for counted in said.values():
        assert [key for key, n in counted.items() if not re.search(rf"\| `{key}` \|.*\| {n} \|", PAGE)] == []
