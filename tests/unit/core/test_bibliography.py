"""The bibliography as the suite reads it."""

import pytest

from shanhai.core.bibliography import documents, work, works
from shanhai.core.errors import ReportError


def test_a_chinese_work_has_its_names_in_both_writings() -> None:
    found = work("ma2022")
    assert found.is_chinese and found.year == "2022"
    assert [name.family + name.given for name in found.authors] == ["马光荣", "赵耀红"]
    assert [name.family for name in found.authors_en] == ["Ma", "Zhao"]
    assert found.field("title") == "行政区划壁垒、边界地区公共品提供与经济发展"
    assert (
        found.field_en("title") == "Administrative boundaries, the provision of public goods, and economic development"
    )


def test_a_field_that_is_not_known_is_empty() -> None:
    assert work("theil1967").field("DOI") == ""
    assert work("xuhuimin").year == ""


def test_an_unknown_key_names_its_neighbours_and_the_next_step() -> None:
    with pytest.raises(ReportError, match=r"no work 'conly1999'; the nearest are conley1999.*build references"):
        work("conly1999")
    with pytest.raises(ReportError, match="none is like it"):
        work("x")


def test_the_five_documents_are_works() -> None:
    assert dict(documents()) == {
        "bazhong-2024": "yuan2024",
        "plan-2021-2025-note": "zhejiangndrc2022",
        "quzhou-2023": "yu2023",
        "shanhai-collaboration": "xuhuimin",
        "zhejiang-magazine-2021": "jinrizhejiang2021",
    }


def test_chinese_works_have_a_title_and_names_in_english_and_others_no_chinese() -> None:
    for entry in works().values():
        chinese = any("\u4e00" <= char <= "\u9fff" for char in entry.field("title"))
        assert chinese == entry.is_chinese, entry.key
        assert not any("\u4e00" <= char <= "\u9fff" for name in entry.authors_en for char in name.family), entry.key
        assert not any("\u4e00" <= char <= "\u9fff" for char in entry.field_en("title")), entry.key
