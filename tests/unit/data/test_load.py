"""The only reader: types, corrections, copies, the user's own files."""

from pathlib import Path

import pandas as pd
import pytest

from shanhai.core import fields, sources
from shanhai.core.errors import BoundaryError, UnknownTableError, ValidationError
from shanhai.data.load import load_corrections, load_layer, load_places, load_table


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.toml"
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(path))
    return path


@pytest.mark.parametrize("name", fields.table_names())
def test_every_table_loads_with_the_types_of_the_dictionary(name: str) -> None:
    frame = load_table(name)
    assert (len(frame) > 0) == (name != "later_figures")  # that one is an empty form for a user's own
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == fields.dtypes(fields.fields_of(name))


def test_the_caller_may_change_what_is_returned() -> None:
    frame = load_table("provinces")
    frame.loc[:, "name_zh"] = "省"
    assert load_table("provinces")["name_zh"].iloc[0] == "北京市"


def test_published_and_corrected_figures_differ_by_the_log_and_nothing_else() -> None:
    published = load_table("census_2010", corrected=False)
    corrected = load_table("census_2010")
    same = (published == corrected) | (published.isna() & corrected.isna())
    cells = same.set_axis(published["row"]).stack()
    changed = {f"row={row};{column}" for row, column in cells.index[~cells]}
    log = load_corrections("census_2010")
    assert changed == set(log["key"] + ";" + log["column"])
    assert len(changed) == len(log)


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(UnknownTableError, match="There is no table 'gdp'"):
        load_table("gdp")


def test_the_user_s_table_takes_the_place_of_ours_and_is_corrected_by_the_same_rules(settings: Path) -> None:
    settings.touch()
    published = load_table("census_2010", corrected=False)
    own = published.loc[published["code"].eq("211422")]
    assert own["age_35_39"].item() == 67354  # a digit too many, corrected in our table
    own.to_csv(settings.parent / "own.csv", index=False)
    settings.write_text('[replace]\ncensus_2010 = "own.csv"\n', encoding="utf-8")
    assert load_table("census_2010")["age_35_39"].tolist() == [37354]
    assert load_corrections("census_2010")[["column", "before", "after"]].to_numpy().tolist() == [
        ["age_35_39", "67354", "37354"]
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,name_zh\n110000,北京市\n", "needs"),
        (
            "code,name_zh,name_en,name_short_zh,name_short_en\n11000,北京市,Beijing,北京,Beijing\n",
            "code of six digits",
        ),
    ],
)
def test_the_user_s_table_is_validated(settings: Path, text: str, message: str) -> None:
    (settings.parent / "own.csv").write_text(text, encoding="utf-8")
    settings.write_text('[replace]\nprovinces = "own.csv"\n', encoding="utf-8")
    with pytest.raises(ValidationError, match=message):
        load_table("provinces")


def test_text_in_a_column_of_numbers_is_refused(settings: Path) -> None:
    header = ",".join(field.column for field in fields.fields_of("county_lights"))
    (settings.parent / "own.csv").write_text(f"{header}\n330802,many,1.5\n", encoding="utf-8")
    settings.write_text('[replace]\ncounty_lights = "own.csv"\n', encoding="utf-8")
    with pytest.raises(ValidationError, match="cannot be read as table 'county_lights'"):
        load_table("county_lights")


def test_the_user_s_layer_needs_codes_and_a_reference_system(settings: Path) -> None:
    own = settings.parent / "own.geojson"
    point = '{"type":"Feature","properties":{"CODE":"1"},"geometry":{"type":"Point","coordinates":[118.9,28.9]}}'
    own.write_text('{"type":"FeatureCollection","features":[' + point + "]}", encoding="utf-8")
    settings.write_text('[replace]\ncounties = "own.geojson"\n', encoding="utf-8")
    with pytest.raises(BoundaryError, match="needs 'code'"):
        load_layer("counties")
    own.write_text(own.read_text(encoding="utf-8").replace('"CODE":"1"', '"code":"1"'), encoding="utf-8")
    with pytest.raises(BoundaryError, match="six digits"):
        load_layer("counties")


def test_places_come_from_the_tables() -> None:
    places = load_places()
    assert places.county("330802").name_zh == "柯城区"
    assert pd.Series([place.level for place in places.all]).value_counts().to_dict() == {
        "county": 2852,
        "prefecture": 342,
        "province": 31,
    }


def test_a_table_in_another_encoding_is_refused_with_the_next_step(settings: Path) -> None:
    text = "code,name_zh,name_en,name_short_zh,name_short_en\n330000,浙江省,Zhejiang,浙江,Zhejiang\n"
    (settings.parent / "own.csv").write_bytes(text.encode("gbk"))
    settings.write_text('[replace]\nprovinces = "own.csv"\n', encoding="utf-8")
    with pytest.raises(ValidationError, match="CSV in UTF-8"):
        load_table("provinces")
    (settings.parent / "own.csv").write_bytes(text.encode("utf-8-sig"))
    assert load_table("provinces")["name_zh"].tolist() == ["浙江省"]


def test_a_layer_that_is_no_layer_is_refused(settings: Path) -> None:
    (settings.parent / "own.shp").write_bytes(b"no shapefile")
    settings.write_text('[replace]\ncounties = "own.shp"\n', encoding="utf-8")
    with pytest.raises(BoundaryError, match="cannot be read as layer 'counties'"):
        load_layer("counties")
