"""Chinese of what tests say in English: by forms, whole or not at all."""

import pytest

from shanhai.claims._labels import chinese_basis, chinese_note, chinese_of
from shanhai.core.errors import ClaimError


def test_clauses_of_a_basis_are_said_one_by_one_and_numbers_carry_over() -> None:
    assert chinese_basis("residents of Wenzhou, 2020 census; agreeing within 5 %") == (
        "温州市常住人口，2020年人口普查；相差不超过5%视为相符"
    )
    assert chinese_basis("") == ""


def test_a_text_of_which_a_part_has_no_form_has_no_chinese() -> None:
    """Half of a text in each language would read as if it were whole."""
    assert chinese_basis("residents of Wenzhou, 2020 census; whatever a user's own test says") == ""
    assert chinese_basis("residents of Atlantis, 2020 census") == ""
    assert chinese_note("Bazhong lies in Sichuan. Nobody knows.", {}) == ""


def test_a_note_has_readings_of_the_table_among_its_sentences() -> None:
    """Full stops inside a reading do not divide it."""
    reading = "As printed. Sichuan must be meant."
    assert chinese_note(f"{reading} Bazhong lies in Sichuan.", {reading: "照原文，当指四川。"}) == (
        "照原文，当指四川。巴中市属四川省。"
    )


def test_lists_parts_and_signs_of_numbers_are_kept() -> None:
    parts = "Items: province -0.117 (p 0.008, for); scpc -0.117 (p 0.071, undecided)."
    assert chinese_note(parts, {}).count("-0.117") == 2
    assert chinese_note("Difference to Lishui -23.00, Jinhua -1,564.00 (firms).", {}) == (
        "与参照之差：丽水市为-23.00、金华市为-1,564.00（单位：家）。"
    )
    ratio = "Ratio of GDP per head, partner over county, and distance of the centres: "
    assert chinese_note(f"{ratio}开化县-桐乡市 1.69, 261 km.", {}).endswith("开化县与桐乡市为1.69，相距261 km。")


def test_a_design_has_the_name_of_its_own_study() -> None:
    """``filled`` names a column of the synthetic control and one of the pairs."""
    single = chinese_basis("mean gap of log GDP, 1997 to 2015, observed less synthetic, design 'filled'")
    prices = "constant prices, missing growth filled, gap at the start held fixed"
    pairs = chinese_basis(f"design 'filled', 2010 to 2020, {prices}")
    assert "不变价格，补齐缺失增速" in single and "整个十年" in pairs


def test_a_name_of_a_value_without_form_is_refused() -> None:
    assert chinese_of("Longquan touches Jingning") == "龙泉市与景宁畲族自治县相邻"
    with pytest.raises(ClaimError, match="no Chinese name"):
        chinese_of("whatever")
