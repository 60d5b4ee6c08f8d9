"""Each census correction on the rows it is about, with the evidence as arithmetic."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from shanhai.data.corrections import _census as clean_census
from shanhai.data.corrections._blanks import close_gaps, fill_ages, fill_from_total, fill_provinces, fill_totals
from shanhai.data.load import load_corrections, load_table


@pytest.fixture(scope="module")
def censuses() -> dict[tuple[int, bool], pd.DataFrame]:
    """Both censuses, published (False) and corrected (True), by row."""
    return {
        (year, corrected): load_table(f"census_{year}", corrected=corrected).set_index("row", drop=False)
        for year in (2010, 2020)
        for corrected in (False, True)
    }


def units_of(frame: pd.DataFrame, prefecture: str) -> pd.DataFrame:
    return frame[frame["prefecture_code"].eq(prefecture) & (frame["is_county"] | frame["level"].eq("zone"))]


@pytest.mark.parametrize(
    ("year", "row", "column", "prefecture"),
    [
        (2020, 2246, "edu_no_schooling", "450400"),
        (2020, 2281, "edu_preschool", "451000"),
        (2010, 588, "age_35_39", "211400"),
        (2010, 909, "edu_primary", "320800"),
        (2010, 1498, "edu_bachelor_plus", "371300"),
        (2010, 1873, "age_1_4", "430400"),
        (2010, 2214, "edu_bachelor_plus", "451000"),
    ],
)
def test_a_corrected_digit_closes_the_gap_to_the_prefecture(censuses, year, row, column, prefecture) -> None:
    published, corrected = censuses[year, False], censuses[year, True]
    total = published.loc[published["code"].eq(prefecture), column].item()
    assert units_of(published, prefecture)[column].sum() != total
    assert units_of(corrected, prefecture)[column].sum() == total
    assert published.loc[row, "prefecture_code"] == prefecture


@pytest.mark.parametrize("row", [588, 1873])
def test_a_corrected_age_closes_the_gap_to_the_population_of_its_row(censuses, row) -> None:
    ages = [column for column in censuses[2010, True].columns if column.startswith("age_")]
    assert censuses[2010, False].loc[row, ages].sum() != censuses[2010, False].loc[row, "population"]
    assert censuses[2010, True].loc[row, ages].sum() == censuses[2010, True].loc[row, "population"]


@pytest.mark.parametrize(
    ("code", "name", "population"),
    [
        ("130207", "丰南区", 595467), ("130208", "丰润区", 916092), ("230108", "平房区", 190253),
        ("230109", "松北区", 236848), ("230110", "香坊区", 916408), ("654002", "伊宁市", 515082),
        ("654003", "奎屯市", 166261), ("232761", "加格达奇区", 154359), ("451103", "平桂管理区", 392029),
    ],
)  # fmt: skip
def test_names_and_codes_stand_at_the_right_figures(censuses, code, name, population) -> None:
    row = censuses[2010, True].set_index("code").loc[code]
    assert (row["name_zh"], row["population"]) == (name, population)


def test_every_county_of_2010_has_its_own_code(censuses) -> None:
    codes = censuses[2010, True].loc[censuses[2010, True]["is_county"], "code"]
    assert codes.notna().all()
    assert codes.is_unique


def test_no_look_alike_character_is_left(censuses) -> None:
    assert censuses[2010, False]["name_zh"].str.contains(clean_census.WRONG_CHARACTER).sum() == 25
    assert not censuses[2010, True]["name_zh"].str.contains(clean_census.WRONG_CHARACTER).any()


def test_ages_and_sexes_add_up_in_every_row(censuses) -> None:
    for year in (2010, 2020):
        frame = censuses[year, True].dropna(subset="population")
        ages = [column for column in frame.columns if column.startswith("age_")]
        assert (frame[ages].sum(axis=1) == frame["population"]).all()
        assert (frame["male"] + frame["female"] == frame["population"]).all()
        assert (frame["urban_population"] + frame["rural_population"] == frame["population"]).all()


def test_a_cell_is_known_by_its_population_and_its_wrong_value() -> None:
    cells = ((17, "name_zh", "甲县", "乙县"), (9, "code", None, "330899"))
    frame = pd.DataFrame({"population": [9, 17, 17, 8], "name_zh": ["甲县", "丙县", "甲县", "甲县"], "code": None})
    fixed = clean_census.set_cells(frame.copy(), {}, cells)
    assert fixed["name_zh"].tolist() == ["甲县", "丙县", "乙县", "甲县"]
    assert fixed["code"].tolist()[0] == "330899"
    assert fixed["code"].isna().sum() == 3


def test_a_code_follows_the_prefecture_of_its_row() -> None:
    frame = pd.DataFrame(
        {
            "level": ["prefecture", "zone", "county", "county"],
            "is_county": [False, False, True, True],
            "code": ["140900", "170971", "140921", "190921"],
            "prefecture_code": "140900",
        }
    )
    # 140921 is taken: the last row stays as it is, and is not given a code that another has.
    assert clean_census.follow_prefecture(frame, {})["code"].tolist() == ["140900", "140971", "140921", "190921"]


def test_households_in_the_column_of_the_rural_population() -> None:
    frame = pd.DataFrame(
        {
            "population": [444, 444, 900],
            "urban_population": [444, 444, 855],
            "rural_population": [45, 0, 45],
            "family_households": [np.nan, np.nan, np.nan],
        }
    )
    fixed = clean_census.shift_households(frame, {})
    assert fixed["rural_population"].tolist() == [0, 0, 45]
    assert fixed["family_households"].tolist()[0] == 45
    assert fixed["family_households"].isna().sum() == 2


def prefecture(primary: int = 0, age_0: int = 0) -> pd.DataFrame:
    """A prefecture and its five counties; a fifth of those of five to nine is five. One county's figures can be off."""
    rows = [{"level": "prefecture", "code": "330800", "prefecture_code": "330800", "is_county": False}]
    rows += [
        {"level": "county", "code": f"33080{place}", "prefecture_code": "330800", "is_county": True}
        for place in range(1, 6)
    ]
    frame = pd.DataFrame(rows)
    size = np.array([0, 1000, 1500, 800, 1200, 900])
    ages = {"age_0": 10, "age_1_4": 40, "age_5_9": 50}
    for column, share in ages.items():
        frame[column] = size * share // 1000
    frame["age_10_14"] = size - frame[list(ages)].sum(axis=1)
    frame["population"] = size
    five = np.round(frame["age_5_9"] * np.array([0, 0.18, 0.2, 0.21, 0.19, 0.2])).astype(int)
    frame["edu_primary"] = size - frame["age_0"] - frame["age_1_4"] - five
    totals = frame.iloc[1:].sum(numeric_only=True)
    for column in (*ages, "age_10_14", "population", "edu_primary"):
        frame.loc[0, column] = int(totals[column])
    frame.loc[3, "edu_primary"] += primary
    frame.loc[4, "age_0"] += age_0
    return frame


@pytest.mark.parametrize("wrong", [{"primary": 300}, {"primary": -40}, {"primary": 10_000}, {"age_0": 6}])
def test_a_digit_is_mended_in_the_one_county_whose_own_row_shows_it(wrong) -> None:
    pd.testing.assert_frame_equal(close_gaps(prefecture(**wrong), {}), prefecture())


@pytest.mark.parametrize("year", [2010, 2020])
def test_the_totals_alone_show_every_digit_that_an_extract_is_told(censuses, year) -> None:
    """The cells repeat what the identities find in the whole table, no more and no less."""
    cells = {2010: clean_census.DIGITS_2010, 2020: clean_census.DIGITS_2020}[year]
    published = censuses[year, False].reset_index(drop=True)
    by_totals, by_cells = (
        correct(published.copy(), {}) for correct in (close_gaps, partial(clean_census.set_cells, cells=cells))
    )
    assert not by_cells.equals(published)
    pd.testing.assert_frame_equal(by_totals, by_cells)


def test_a_gap_that_no_row_shows_stays() -> None:
    # One person of forty: within what counties differ by.
    pd.testing.assert_frame_equal(close_gaps(prefecture(primary=1), {}), prefecture(primary=1))
    two = prefecture(primary=300)
    two.loc[1, "edu_primary"] += 300  # two rows show a gap, neither that of the total
    pd.testing.assert_frame_equal(close_gaps(two.copy(), {}), two)


def test_a_count_that_is_no_whole_number_takes_the_remainder() -> None:
    wrong = prefecture().astype({"edu_primary": float})
    wrong.loc[2, "edu_primary"] -= 0.6
    pd.testing.assert_frame_equal(close_gaps(wrong, {}), prefecture().astype({"edu_primary": float}))


def test_a_sector_share_is_completed_only_beside_two_published_ones() -> None:
    shares = pd.DataFrame(
        [[48.74, 0.8895, 30.46], [79.82, None, None], [63.64, None, 36.36], [74.84, 9.50, 15.66]],
        columns=clean_census.SECTOR_SHARES,
    )
    completed = clean_census.complete_sector_shares(shares, {})["employed_share_secondary_pct"]
    assert completed[0] == 20.80
    assert pd.isna(completed[1])
    assert completed[2] == 0.0
    assert completed[3] == 9.50


TINY = pd.DataFrame(
    {
        "row": range(1, 6),
        "level": ["nation", "province", "prefecture", "county", "county"],
        "is_county": [False, False, False, True, True],
        "is_unit": [False, False, False, True, True],
        "code": [None, "330000", "330800", "330802", "330803"],
        "name_zh": ["全国", "浙江省", "衢州市", "柯城区", "衢江区"],
        "prefecture_code": [None, None, "330800", "330800", "330800"],
        "province_code": [None, "330000", "330000", "330000", "330000"],
        "population": [9.0, 9.0, 9.0, 5.0, 4.0],
        "miners": [3.0, None, 3.0, 3.0, None],  # nobody mines in Qujiang; the province is the nation
        "movers": [7.0, 7.0, None, 5.0, 2.0],  # the total of the prefecture is blank
        "pupils": [6.0, 6.0, 6.0, None, 2.0],  # one blank: the remainder, 4
        "students": [6.0, 6.0, 6.0, None, None],  # two blanks and a remainder: not determined
    }
)


def test_blanks_are_filled_only_where_one_value_is_left() -> None:
    provinces = fill_provinces(TINY.copy(), {})
    assert provinces["miners"].tolist()[1] == 3.0
    filled = fill_from_total(provinces, {}, "prefecture_code")
    assert filled["miners"].tolist()[3:] == [3.0, 0.0]
    assert filled["pupils"].tolist()[3:] == [4.0, 2.0]
    assert filled["students"].isna().tolist()[3:] == [True, True]
    assert fill_totals(filled, {})["movers"].tolist()[2] == 7.0


def test_the_only_blank_age_completes_the_population() -> None:
    frame = pd.DataFrame({"population": [9.0, 9.0], "age_0": [4.0, None], "age_1_4": [None, None]}, dtype="float64")
    filled = fill_ages(frame, {})
    assert filled["age_1_4"].tolist()[0] == 5.0
    assert filled.loc[1, ["age_0", "age_1_4"]].isna().all()


@pytest.mark.parametrize(("year", "nonzero"), [(2010, 9), (2020, 10)])
def test_nearly_all_filled_blanks_are_zero(year: int, nonzero: int) -> None:
    log = load_corrections(f"census_{year}")
    filled = log[log["rule"].str.contains("-blank-")]
    assert (filled["before"] == "").all()
    assert (filled["after"] != "0").sum() == nonzero
