"""Tables of a user's own: what spreadsheets do to a file, further years, other units, and what no rule can decide."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from shanhai.core import fields
from shanhai.core.errors import SpecificationError, UnknownPlaceError, ValidationError
from shanhai.core.paths import ROOT
from shanhai.core.places import require_codes
from shanhai.core.sources import SETTINGS_VARIABLE
from shanhai.data import codes, limits, load_corrections, load_table, plausibility, reading, rules
from shanhai.data.corrections import all_rules as clean
from shanhai.data.flags import _gdp as flags_gdp
from shanhai.data.frames import aggregates
from shanhai.data.frames.panel import TABLES, _assemble, build_county_frame, frame_fields
from shanhai.studies.audit.analysis import corrected_cells, summarise_corrections

HEADER = "code,year,gdp_10k_yuan,primary_gdp_10k_yuan,gdp_per_capita_10k_yuan\n"
ROW = "330824,2021,1694403.0,131033.0,6.5325\n"
MONEY = ["gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"]
KAIHUA = "330824"


def read(folder: Path, content: str | bytes) -> pd.DataFrame:
    path = folder / "我的 gdp.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return reading.read_table("county_gdp", path, own=True)


@pytest.mark.parametrize(
    "content",
    [
        HEADER + ROW,
        ("\ufeff" + HEADER + ROW).replace("\n", "\r\n"),
        (HEADER + ROW).replace("\n", "\r"),
        HEADER + "\n" + ROW + "\n\n",
        HEADER + ROW.replace("1694403.0", '"1694403"'),
        "year,code,gdp_per_capita_10k_yuan,gdp_10k_yuan,primary_gdp_10k_yuan\n2021,330824,6.5325,1694403,131033\n",
    ],
)
def test_marks_line_ends_quotes_and_the_order_of_columns_do_not_matter(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content).to_numpy().tolist() == [["330824", 2021, 1694403.0, 131033.0, 6.5325]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((HEADER + ROW).encode("utf-16"), "looks like UTF-16. Save it as UTF-8"),
        ((HEADER + ROW).encode("utf-16-le"), "looks like UTF-16"),
        ((HEADER + ROW).encode("utf-32"), "looks like UTF-32"),
        ((HEADER + ROW + "开化,,,,\n").encode("gb18030"), "looks like GBK or GB18030. Save it as UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00", "looks like a workbook of Excel"),
        ((HEADER + ROW).replace(",", ";"), "separated by semicolons. Save it as CSV with commas"),
        ((HEADER + ROW).replace(",", "\t"), "separated by tabs"),
        ((HEADER + ROW).replace(",", "，"), "separated by commas of full width"),
        ("", "no line of column names"),
        (ROW, "lacks 'code'"),
        (HEADER.replace("year", "Year") + ROW, "lacks 'year', has 'Year'"),
        (
            HEADER.replace("code,", "code,note,") + ROW.replace(",2021", ",,2021"),
            "has 'note', which the table does not",
        ),
        (HEADER.replace("\n", ",\n") + ROW.replace("\n", ",\n"), "has '', which the table does not know"),
        (HEADER.replace("\n", ",year\n") + ROW.replace("\n", ",2021\n"), "has 'year' twice"),
        (HEADER + "330824,2021,16944", "3 values in line 2, but 5 columns"),
        (HEADER + ROW.replace("1694403.0", "1,694,403"), "7 values in line 2"),
        (HEADER + ROW + ROW.replace("16", "18"), "line 3 repeats the key code=330824;year=2021 of line 2"),
        (HEADER + ROW + HEADER, "line 3: year = 'year' is not a whole number"),
        (HEADER + ROW + ",,,,\n", "line 3 is empty .1 such lines.; remove it"),
        (HEADER + '"' + ROW * 5000, "Close all quotation marks"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_by_name(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as error:
        read(tmp_path, content)
    assert "我的 gdp.csv" in str(error.value)


@pytest.mark.parametrize(
    ("column", "written"),
    [
        *[("gdp_10k_yuan", text) for text in ("many", "169万", "NA", "-", "inf", "nan", "5%", "0x10", "1_0", "=1+1")],
        *[("gdp_10k_yuan", text) for text in ('"1,694,403"', "１６９４４０３", "1.694.403", "1 694 403", " 5")],
        *[("code", text) for text in ("330824.0", "33082", "３３０８２４", "330824 ", "'330824", "330824000000")],
        *[("year", text) for text in ("2021.0", "2021年", "２０２１", "2021.5", "21-12", "")],
    ],
)  # fmt: skip
def test_a_value_that_is_no_number_code_or_year_is_refused_by_line_column_and_value(
    tmp_path: Path, column: str, written: str
) -> None:
    values = dict(zip(HEADER.strip().split(","), ROW.strip().split(","), strict=True)) | {column: written}
    with pytest.raises(ValidationError) as error:
        read(tmp_path, HEADER + ROW.replace("330824", "330825") + ",".join(values.values()) + "\n")
    plain = written.strip('"')
    assert f"line 3: {column} = {plain!r} is not" in str(error.value)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    names = {*TABLES, *plausibility.TABLES, "zones", *(need for rule in clean.RULES for need in rule.needs)}
    return {name: load_table(name) for name in sorted(names)}


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return load_table("county_gdp", corrected=False)


@pytest.fixture(scope="module")
def zhejiang(published: pd.DataFrame) -> pd.DataFrame:
    """What a user has whose yearbook is of one province."""
    return published.loc[published["code"].str.startswith("33")]


Door = Callable[[pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]


@pytest.fixture(scope="module")
def door(tables: dict[str, pd.DataFrame]) -> Door:
    """What a user's county_gdp passes behind the reader: codes, rules, ranges, limits."""

    def correct(own: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        ours = tables["county_gdp"]
        bundled = ours.loc[ours["code"].str[:2].isin(own["code"].str[:2].unique())]
        plausibility.require_years("county_gdp", "my.csv", own)
        frame, log = rules.apply_rules("county_gdp", own, clean.RULES, ["code", "year"], tables)
        fields.validate("county_gdp (my.csv)", frame, fields.fields_of("county_gdp"))
        codes.require_known_codes("county_gdp", "my.csv", frame, bundled, tables)
        plausibility.require_plausible("county_gdp", "my.csv", frame, bundled, tables)
        return frame, log

    return correct


def with_rows(published: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([published, rows]).sort_values(["code", "year"], ignore_index=True)


def further(published: pd.DataFrame, like: int, year: int, factor: float) -> pd.DataFrame:
    """Rows of a year that no table has: those of another year times a factor."""
    rows = published.loc[published["year"].eq(like)].assign(year=year)
    return rows.assign(**{column: rows[column] * factor for column in MONEY})


@pytest.mark.parametrize(("like", "year", "factor"), [(2021, 2022, 1.05), (2021, 2023, 1.1), (2011, 2015, 1.4)])
def test_a_further_year_is_corrected_like_the_year_it_was_made_of_and_stands_beside_the_others(
    tables: dict[str, pd.DataFrame],
    published: pd.DataFrame,
    door: Door,
    geography: pd.DataFrame,
    like: int,
    year: int,
    factor: float,
) -> None:
    gdp, log = door(with_rows(published, further(published, like, year, factor)))
    given = {**tables, "county_gdp": gdp}
    base = build_county_frame()
    frame = _assemble(given, geography, log)
    pd.testing.assert_frame_equal(frame[base.columns.drop("flags")], base.drop(columns="flags"), check_exact=True)
    # Displaced rows of a year that is made up of another, with other people behind it, may remain as they are.
    displaced = load_corrections("county_gdp").query("rule == 'gdp-displaced-rows'")["key"].str[5:11]
    apart = {*base.loc[base["flags"].str.contains("from_prefecture"), "code"], *displaced}
    of_counties = ~frame["code"].isin(apart)
    expected = (base[f"gdp_{like}"] * factor)[of_counties]
    pd.testing.assert_series_equal(frame.loc[of_counties, f"gdp_{year}"], expected, check_names=False, rtol=1e-12)
    fields.validate("county_frame", frame, frame_fields(list(frame.columns)))
    assert frame["flags"].str.contains(f"gdp_{year}_").any()
    people = frame[f"population_{2020 if like == 2021 else 2010}"]
    pd.testing.assert_series_equal(frame[f"gdp_per_capita_{year}"], frame[f"gdp_{year}"] / people, check_names=False)
    if like == 2021:
        expected = (base["primary_gdp_2021"] * factor)[of_counties]
        pd.testing.assert_series_equal(frame.loc[of_counties, f"primary_gdp_{year}"], expected, check_names=False)
    prefectures, provinces = aggregates._assemble_prefectures(given), aggregates._assemble_provinces(given)
    sums = prefectures[f"gdp_{like}_county_sum"] * factor
    pd.testing.assert_series_equal(prefectures[f"gdp_{year}_county_sum"], sums, check_names=False)
    assert {"gdp_per_capita_2021", f"gdp_per_capita_{year}", f"gdp_{year}_covered_pct"} <= set(provinces.columns)
    unit_errors = log.loc[log["rule"].eq("gdp-unit") & log["key"].str.endswith(f"={year}")]
    assert len(unit_errors) == (359 if like == 2021 else 0)


def test_a_year_of_ten_counties_says_that_it_is_of_ten(
    tables: dict[str, pd.DataFrame], published: pd.DataFrame, door: Door
) -> None:
    gdp, _ = door(with_rows(published, further(published, 2021, 2022, 1.05).head(10)))
    provinces = aggregates._assemble_provinces({**tables, "county_gdp": gdp}).set_index("code")
    assert provinces.loc["000000", "gdp_2022_covered_pct"] < 1
    assert provinces["gdp_per_capita_2022"].isna().all()  # no prefecture has all its counties


def of_kaihua(published: pd.DataFrame, **values: float) -> pd.DataFrame:
    """A row of Kaihua in 2022 more: GDP of 1,750,000 (10,000 yuan), 6.8 (10,000 yuan) a head, but for what is given."""
    row = {"code": KAIHUA, "year": 2022, **dict(zip(MONEY, (1_750_000.0, 135_000.0, 6.8), strict=True))} | values
    return with_rows(published, pd.DataFrame([row]))


@pytest.mark.parametrize(
    "values",
    [
        {"gdp_10k_yuan": 175.0, "primary_gdp_10k_yuan": 13.5},
        {"gdp_10k_yuan": 1.75e10, "primary_gdp_10k_yuan": 1.35e9},
        {"gdp_10k_yuan": 175.0, "gdp_per_capita_10k_yuan": float("nan"), "primary_gdp_10k_yuan": 13.5},
        {"gdp_10k_yuan": 1.75e10, "gdp_per_capita_10k_yuan": float("nan")},
        {"gdp_10k_yuan": 175.0, "primary_gdp_10k_yuan": 135_000.0},
        {"gdp_per_capita_10k_yuan": 68_000.0},
        {"primary_gdp_10k_yuan": 13.5},
        {"primary_gdp_10k_yuan": 1.35e9},
    ],
)
def test_another_unit_is_recognised_by_the_values_and_logged(
    zhejiang: pd.DataFrame, door: Door, values: dict[str, float]
) -> None:
    gdp, log = door(of_kaihua(zhejiang, **values))
    row = gdp.loc[gdp["code"].eq(KAIHUA) & gdp["year"].eq(2022)].iloc[0]
    expected = {"gdp_10k_yuan": 1_750_000, "primary_gdp_10k_yuan": 135_000, "gdp_per_capita_10k_yuan": 6.8}
    for column in MONEY:
        assert pd.isna(row[column]) or row[column] == pytest.approx(expected[column])
    assert "gdp-unit" in set(log.loc[log["key"].eq("code=330824;year=2022"), "rule"])


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"gdp_10k_yuan": 175_000.0}, "people_behind_gdp"),  # 100,000 yuan: no unit of any yearbook
        ({"gdp_10k_yuan": 17_500_000.0}, "people_behind_gdp"),
        ({"gdp_10k_yuan": 18_750_000.0, "gdp_per_capita_10k_yuan": float("nan")}, "yearly_growth"),  # all of Quzhou
        ({"gdp_10k_yuan": 10_000_000.0, "gdp_per_capita_10k_yuan": 38.0}, "yearly_growth"),
        ({"primary_gdp_10k_yuan": 1_800_000.0}, "primary_share"),
        ({"primary_gdp_10k_yuan": 1_200_000.0}, "primary_growth"),
        ({"gdp_per_capita_10k_yuan": 0.68}, "people_behind_gdp"),
        # 45 yuan a resident as it stands, 450,000 if in 100 million yuan, where 3 million yuan a head are printed.
        ({"gdp_10k_yuan": 117.0, "gdp_per_capita_10k_yuan": 0.9}, "gdp_per_head"),
    ],
)
def test_what_no_rule_can_decide_is_refused_by_row_column_value_and_rule(
    zhejiang: pd.DataFrame, door: Door, values: dict[str, float], rule: str
) -> None:
    with pytest.raises(ValidationError) as error:
        door(of_kaihua(zhejiang, **values))
    refused = [line for line in str(error.value).splitlines() if f"(rule {rule}:" in line]
    column, value = next(iter(values.items()))
    assert "code=330824;year=2022" in refused[0]
    assert any(f"{value:.15g}" in line or column not in line for line in refused)


@pytest.mark.parametrize("columns", [MONEY[:1], MONEY[:2], MONEY])
def test_an_honest_revision_of_a_whole_year_is_not_taken_for_a_defect(
    published: pd.DataFrame, door: Door, columns: list[str]
) -> None:
    own = published.copy()
    own.loc[own["year"].eq(2021), columns] *= 1.07
    _, log = door(own)
    cells = ["rule", "key", "column"]
    ours = load_corrections("county_gdp")
    assert set(log[cells].itertuples(index=False)) == set(ours[cells].itertuples(index=False))


def test_the_gdp_of_a_whole_prefecture_in_the_place_of_a_county_s_is_refused(
    zhejiang: pd.DataFrame, door: Door
) -> None:
    own = zhejiang.copy()
    kaihua = own["code"].eq(KAIHUA) & own["year"].eq(2021)
    own.loc[kaihua, MONEY] = (18_755_600.0, float("nan"), float("nan"))  # Quzhou's
    with pytest.raises(ValidationError, match=r"code=330824;year=2021: gdp_10k_yuan = 18755600 .*rule beside_ours:"):
        door(own)
    own.loc[kaihua, "gdp_10k_yuan"] = 1_790_000.0  # a revision
    gdp, _ = door(own)
    assert gdp.loc[gdp["code"].eq(KAIHUA) & gdp["year"].eq(2021), "gdp_10k_yuan"].item() == 1_790_000.0


def test_a_table_without_a_year_that_findings_compare_or_with_unknown_codes_is_refused(
    zhejiang: pd.DataFrame, door: Door
) -> None:
    with pytest.raises(ValidationError, match=r"no rows of 2021; .* needs 2001, 2011, 2021"):
        door(zhejiang.loc[zhejiang["year"].ne(2021)])
    with pytest.raises(UnknownPlaceError, match=r"'330999 \(year=2021\)'"):
        door(with_rows(zhejiang, pd.DataFrame([{"code": "330999", "year": 2021}])))
    with pytest.raises(ValidationError, match=r"code=330824;year=2202: year = 2202 .*\n.*data/dictionary.csv"):
        door(of_kaihua(zhejiang, year=2202))


@pytest.mark.parametrize("years", [(2022,), (2021, 2022), (2001,), (2001, 2011), ()])
def test_a_table_of_too_few_years_is_refused_before_a_rule_misses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zhejiang: pd.DataFrame, years: tuple[int, ...]
) -> None:
    rows = [zhejiang.loc[zhejiang["year"].eq(2021)].assign(year=year) for year in years]
    pd.concat([*rows, zhejiang.head(0)]).to_csv(tmp_path / "mine.csv", index=False)
    (tmp_path / "settings.toml").write_text('[replace]\ncounty_gdp = "mine.csv"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings.toml"))
    with pytest.raises(ValidationError, match="needs 2001, 2011, 2021, which findings compare"):
        load_table("county_gdp")


@pytest.mark.parametrize(("code", "unit"), [("330800", "prefecture"), ("630000", "province")])
def test_a_total_among_counties_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: pd.DataFrame, code: str, unit: str
) -> None:
    total = pd.DataFrame([{"code": code, "year": 2021, MONEY[0]: 18_755_600.0}])
    with_rows(published, total).to_csv(tmp_path / "mine.csv", index=False)
    (tmp_path / "settings.toml").write_text('[replace]\ncounty_gdp = "mine.csv"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings.toml"))
    with pytest.raises(UnknownPlaceError, match=rf"code={code};year=2021 is a total of the {unit} .*remove the row"):
        load_table("county_gdp")


@pytest.mark.parametrize("factor", [0.5, 1.8])
def test_a_factor_that_a_province_s_gdp_has_in_common_is_refused(
    published: pd.DataFrame, door: Door, factor: float
) -> None:
    own = published.copy()
    own.loc[own["year"].eq(2021) & own["code"].str.startswith("33"), MONEY[0]] *= factor
    with pytest.raises(ValidationError, match="rule people_of_province:"):
        door(own)


def appended(table: pd.DataFrame, like: int, year: int, column: str, factor: float) -> pd.DataFrame:
    rows = table.loc[table["year"].eq(like) & table["code"].str.startswith("33")].assign(year=year)
    return pd.concat([table, rows.assign(**{column: rows[column] * factor})], ignore_index=True)


@pytest.mark.parametrize(
    ("table", "like", "year", "column", "factor", "rule"),
    [
        ("county_hukou", 2021, 2022, "hukou_population_10k", 8.0, "population_growth"),
        ("county_hukou", 2021, 2022, "resident_urban_10k", 100.0, "residents_against_census"),
        ("county_investment", 2016, 2017, "investment_100m_yuan", 1e-4, "investment_growth"),
        ("county_investment", 2016, 2018, "investment_100m_yuan", 40.0, "investment_over_gdp"),
        ("county_roads", 2021, 2023, "road_length_km", 1e-4, "roads_per_km2"),
        ("county_roads", 2021, 2023, "road_length_km", 1e3, "roads_per_km2"),
        ("county_lights", 2022, 2023, "light_sum", 1.0, "coverage_of_year"),
        ("prefecture_economy", 2021, 2022, "gdp_100m_yuan", 1e-4, "yearly_growth"),
        ("prefecture_economy", 2021, 2022, "gdp_100m_yuan", 1.3, "sectors_sum"),
        ("prefecture_economy", 2020, 2022, "tertiary_share_pct", 0.01, "share_printed"),
        ("prefecture_economy", 2020, 2022, "tertiary_share_pct", 0.9, "shares_sum"),
    ],
)
def test_further_years_of_the_other_tables_meet_their_limits(
    tables: dict[str, pd.DataFrame], table: str, like: int, year: int, column: str, factor: float, rule: str
) -> None:
    bundled = tables[table].sort_values(["code", "year"], ignore_index=True)
    if table != "county_lights":  # where a year of one province is refused
        plausibility.require_plausible(table, "my.csv", appended(bundled, like, year, column, 1.0), bundled, tables)
    with pytest.raises(ValidationError, match=f"year={year}(;entry=.)?: .*rule {rule}:"):
        plausibility.require_plausible(table, "my.csv", appended(bundled, like, year, column, factor), bundled, tables)


@pytest.mark.parametrize(
    ("table", "columns", "places", "factor"),
    [
        ("county_gdp", ["primary_gdp_10k_yuan"], "33", 0.1),
        ("county_hukou", ["hukou_population_10k"], "3308", 0.2),
        ("county_investment", ["investment_100m_yuan"], "33", 0.1),
        ("county_lights", ["light_sum"], "33", 0.1),
        ("county_roads", ["road_length_km"], "33", 0.2),
        (
            "prefecture_economy",
            ["gdp_100m_yuan", *(f"{sector}_gdp_10k_yuan" for sector in ("primary", "secondary", "tertiary"))],
            "3308",
            3.0,
        ),
    ],
)
def test_figures_of_all_years_are_held_against_ours(
    tables: dict[str, pd.DataFrame], table: str, columns: list[str], places: str, factor: float
) -> None:
    ours = tables[table]
    plausibility.require_plausible(table, "my.csv", ours.copy(), ours, tables)
    own = ours.copy()
    own.loc[own["code"].str.startswith(places), columns] *= factor
    with pytest.raises(ValidationError, match=r"code=33.*beside_ours:"):
        plausibility.require_plausible(table, "my.csv", own, ours, tables)


@pytest.mark.parametrize(
    ("table", "year", "like", "places"), [("county_gdp", 2021, 2011, "33"), ("county_lights", 2020, 2019, "33")]
)
def test_a_year_that_repeats_another_is_refused(
    tables: dict[str, pd.DataFrame], table: str, year: int, like: int, places: str
) -> None:
    own = tables[table]
    plausibility.require_plausible(table, "my.csv", own, tables[table], tables)
    of_block = own["code"].str.startswith(places)
    rest = own.loc[~(of_block & own["year"].eq(year))]
    own = pd.concat([rest, own.loc[of_block & own["year"].eq(like)].assign(year=year)], ignore_index=True)
    with pytest.raises(ValidationError, match=rf"same figures in {like} and {year} for .*330000.*repeated_year"):
        plausibility.require_plausible(table, "my.csv", own, tables[table], tables)


@pytest.mark.parametrize(
    ("column", "factor", "rule"),
    [("urban_population", 0.1, "parts_sum"), ("male", 10, "parts_sum"), ("illiterate_share_15plus_pct", 0.01, "illit")],
)
def test_a_census_that_does_not_add_up_is_refused(
    tables: dict[str, pd.DataFrame], column: str, factor: float, rule: str
) -> None:
    own = tables["census_2020"].copy()
    own[column] = own[column].astype(float)
    own.loc[100, column] *= factor
    with pytest.raises(ValidationError, match=f"row=101: {column} = .*rule {rule}"):
        plausibility.require_plausible("census_2020", "my.csv", own, tables["census_2020"], tables)


def test_rules_and_limits_bear_a_table_of_one_province_or_of_few_rows(tables: dict[str, pd.DataFrame]) -> None:
    for name in sorted({rule.table for rule in clean.RULES} - {"prefecture_economy"}):
        whole = load_table(name, corrected=False)
        of = whole["province_code"] if "province_code" in whole else whole["code"]
        for part in (whole.loc[of.str.startswith("33", na=False)], whole.head(3), whole.head(0)):
            own = part.reset_index(drop=True)
            frame, _ = rules.apply_rules(name, own, clean.RULES, fields.key_of(name), tables)
            fields.validate(name, frame)
    lights = tables["county_lights"]
    own = lights.loc[lights["code"].str.startswith("33")].reset_index(drop=True)
    plausibility.require_plausible("county_lights", "my.csv", own, lights, tables)


def test_every_limit_is_met_by_our_tables_or_the_figure_is_flagged(tables: dict[str, pd.DataFrame]) -> None:
    flags = plausibility.limit_flags(tables)
    assert set(flags["table"]) <= {check.table for check in plausibility.CHECKS}
    assert flags["flag"].str.startswith("beyond_").all()
    gdp = flags.loc[flags["table"].eq("county_gdp")]
    # Dongguan prints GDP per registered head; the others are districts redrawn since, and flagged as disagreeing too.
    assert set(gdp["code"]) <= {"210804", "441900", "510107", "530102", "530103", "530112"}
    assert not flags["flag"].isin(["beyond_gdp_per_head", "beyond_parts_sum", "beyond_primary_share"]).any()


def test_a_registry_that_does_not_match_the_census_is_refused(tables: dict[str, pd.DataFrame]) -> None:
    codes.require_same_counties(tables)
    with pytest.raises(UnknownPlaceError, match=r"1 codes of census_2020 .* not in counties .*: \['110101'\]"):
        codes.require_same_counties({**tables, "counties": tables["counties"].iloc[1:]})
    with pytest.raises(UnknownPlaceError, match=r"counties \(counties.csv\) are not in prefectures .*'330800'"):
        rest = tables["prefectures"].loc[tables["prefectures"]["code"].ne("330800")]
        codes.require_same_counties({**tables, "prefectures": rest})


def test_notebook_01_shows_what_rules_changed_in_the_user_s_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: pd.DataFrame
) -> None:
    of_kaihua(published, gdp_10k_yuan=175.0, primary_gdp_10k_yuan=13.5).to_csv(tmp_path / "mine.csv", index=False)
    (tmp_path / "settings.toml").write_text('[replace]\ncounty_gdp = "mine.csv"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings.toml"))
    log = load_corrections("county_gdp")
    cells = corrected_cells(pd.concat([load_corrections("census_2020"), log]))
    own = cells.loc[cells["code"].eq(KAIHUA) & cells["year"].eq("2022")]
    assert own[["file", "name_zh", "rule", "column", "before", "after"]].to_numpy().tolist() == [
        ["mine.csv (your own)", "开化县", "gdp-unit", "gdp_10k_yuan", "175", "1750000"],
        ["mine.csv (your own)", "开化县", "gdp-unit", "primary_gdp_10k_yuan", "13.5", "135000"],
    ]
    files = summarise_corrections(log).set_index("rule")["file"]
    assert (files["gdp-unit"], files["hukou-decimal-point"]) == ("mine.csv (your own)", "county_hukou.csv")


def test_flags_of_gdp_name_their_year_and_columns_that_are_not_there_are_refused() -> None:
    assert flags_gdp.by_year("unchecked", 2022)[0] == "gdp_2022_unchecked"
    assert "residents of 2010 is not 0.8 to 1.25" in flags_gdp.by_year("disagrees_with_per_head", 2015)[1]
    assert frame_fields(["gdp_2023"])[0].english == "Gross domestic product of 2023 at current prices, corrected"
    with pytest.raises(SpecificationError, match="no column 'gdp_of_2021'"):
        frame_fields(["gdp_of_2021"])


@pytest.mark.parametrize(
    ("table", "column"), [("mountain_counties", "code"), ("pairings", "sea_code"), ("zones", "host_code")]
)
def test_unknown_codes_are_refused_in_every_column_of_codes(table: str, column: str) -> None:
    given = {name: load_table(name) for name in codes.needs_of(table)}
    own = load_table(table)
    codes.require_known_codes(table, "my.csv", own, own, given)
    wrong = own.assign(**{column: own[column].mask(own.index == 3, "330999")})
    with pytest.raises(UnknownPlaceError, match=rf"my.csv as table {table!r} has in {column} 1 codes .*330999"):
        codes.require_known_codes(table, "my.csv", wrong, own, given)


PRINTED = (
    *(
        limits.GDP_PER_HEAD,
        limits.PEOPLE_BEHIND,
        limits.PEOPLE_OF_BLOCK,
        limits.BESIDE_OURS,
        limits.BESIDE_PREFECTURE,
        limits.GROWTH,
    ),
    *(
        limits.PRIMARY_SHARE,
        limits.SHARES,
        limits.SECTORS,
        limits.WHOLE,
        limits.HUKOU,
        limits.ROADS,
        limits.LIGHTS,
        limits.INVESTMENT,
    ),
)


def test_the_page_on_own_tables_prints_the_limits_in_force() -> None:
    page = (ROOT / "lib" / "docs" / "own-tables.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| [^|]+ \| ([\d.,]+) \| ([\d.,]+) \|$", page[page.index("## What is refused") :], flags=re.MULTILINE
    )
    printed = [(float(low.replace(",", "")), float(high.replace(",", ""))) for low, high in rows]
    assert printed == [(limit.low, limit.high) for limit in PRINTED]
    gdp, people = limits.CARRIED["gdp"], limits.CARRIED["residents"]
    assert f"GDP within {gdp.low} to {gdp.high} a year and a step of {gdp.once}" in page
    assert f"residents within {people.low} to {people.high} and {people.once}" in page


def test_codes_are_checked_in_one_place() -> None:
    assert require_codes("330824", {"330824"}, "counties") == ["330824"]
    with pytest.raises(UnknownPlaceError, match=r"1 codes are none of the 2 counties: \['330842'\]. Near .*'330824'"):
        require_codes(["330824", "330842"], {"330824", "330825"}, "counties")
    with pytest.raises(UnknownPlaceError, match="Write '330824'"):
        require_codes([330824], {"330824"}, "counties")
