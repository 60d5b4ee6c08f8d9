"""The data dictionary, the schemas made of it, and the data package."""

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from shanhai.core import fields, sources
from shanhai.core.errors import SpecificationError, UnknownTableError, ValidationError
from shanhai.core.fields import Field
from shanhai.data import register

CODE = Field("t", "code", "code", "", None, None, (), False, True, "Code", "代码")
PERSONS = Field("t", "persons", "integer", "persons", 0, 100, (), True, False, "Persons", "人数")
KIND = Field("t", "kind", "text", "", None, None, ("county", "district"), False, False, "Kind", "类别")


MIXED_UNITS = ("claims", "collaboration", "later_figures", "targets", "unplaced_figures")
"""Tables whose rows are figures of different kinds, each with its unit or title beside it."""


def frame(**columns: list[object]) -> pd.DataFrame:
    values = {"code": ["330801"], "persons": [5.0], "kind": ["county"], **columns}
    return pd.DataFrame(values).astype({"code": "str", "persons": "float64", "kind": "str"})


def test_a_right_frame_passes_unchanged() -> None:
    given = frame(code=["330801", "330802"], persons=[5.0, None], kind=["county", "district"])
    pd.testing.assert_frame_equal(fields.validate("t", given.copy(), [CODE, PERSONS, KIND]), given)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"code": ["33080"]}, "has not six digits"),
        ({"persons": [101.0]}, r"less_than_or_equal_to\(100"),
        ({"persons": [-1.0]}, r"greater_than_or_equal_to\(0"),
        ({"persons": [1.5]}, "is no whole number"),
        ({"kind": ["canton"]}, "isin"),
        ({"code": ["330801"] * 2, "persons": [1.0, 2.0], "kind": ["county"] * 2}, "uniqueness"),
    ],
)
def test_a_wrong_frame_names_the_broken_check(columns: dict[str, list[object]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        fields.validate("t", frame(**columns), [CODE, PERSONS, KIND])


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [
        ("gdp_10k_yuan", 1.8e10, "this column is in 10,000 yuan"),
        ("gdp_100m_yuan", 1.8e10, "this column is in 100 million yuan"),
        ("gdp_per_capita_yuan", 1.8e10, "this column is in yuan"),
        ("gdp_10k_yuan", 1.8e13, ""),
        ("persons", 1.8e10, ""),
    ],
)
def test_money_that_would_be_right_in_another_unit_is_told_its_unit(column: str, value: float, hint: str) -> None:
    money = Field(**{**vars(PERSONS), "column": column, "type": "number", "maximum": 3e8})
    wrong = frame().rename(columns={"persons": column}).assign(**{column: value})
    with pytest.raises(ValidationError, match="less_than_or_equal_to") as refused:
        fields.validate("t", wrong, [CODE, money, KIND])
    assert hint in str(refused.value)
    assert ("it may be in another unit" in str(refused.value)) == bool(hint)


def test_other_columns_are_refused() -> None:
    with pytest.raises(ValidationError, match="column_in_schema"):
        fields.validate("t", frame().assign(extra=1), [CODE, PERSONS, KIND])


def test_missing_is_nan_for_integers_that_may_be_missing() -> None:
    assert fields.dtypes([CODE, PERSONS, KIND]) == {"code": "str", "persons": "float64", "kind": "str"}
    required = Field(**{**vars(PERSONS), "nullable": False})
    assert required.dtype == "int64"


def test_every_column_is_described_in_both_languages_with_a_unit() -> None:
    for field in (field for table in fields.table_names() for field in fields.fields_of(table)):
        where = f"{field.table}.{field.column}"
        assert any("\u4e00" <= sign <= "\u9fff" for sign in field.chinese), where
        if field.type == "number" and field.table not in MIXED_UNITS:
            assert field.unit, f"{where} has no unit"


def test_every_table_has_a_key_and_a_registered_file() -> None:
    registered = sources.names("table")
    for table in fields.table_names():
        assert fields.key_of(table), table
        assert table in registered, table


def test_the_dictionary_is_sorted_by_table() -> None:
    tables = pd.read_csv(fields.DICTIONARY)["table"].tolist()
    assert tables == sorted(tables)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("type", "float", "is none of"),
        ("nullable", "yes", "write true or false"),
        ("chinese", "", "say in english and in chinese"),
    ],
)
def test_a_malformed_dictionary_names_table_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, value: str, message: str
) -> None:
    row = dict.fromkeys(fields.DICTIONARY_COLUMNS, "")
    row |= {"table": "t", "column": "c", "type": "text", "nullable": "true", "key": "false"}
    row |= {"english": "Column", "chinese": "列"}
    path = tmp_path / "dictionary.csv"
    pd.DataFrame([row | {column: value}]).to_csv(path, index=False)
    monkeypatch.setattr(fields, "FRAME_DICTIONARY", path)
    with pytest.raises(ValidationError, match=rf"t\.c: .*{message}"):
        fields.label_of("c")


def test_labels_are_in_both_languages_and_name_the_year_of_their_column() -> None:
    rows = pd.read_csv(fields.FRAME_DICTIONARY, dtype="str", keep_default_na=False)
    for _, row in rows.iterrows():
        for kind in ("short", "title"):
            english, chinese = row[f"{kind}_english"], row[f"{kind}_chinese"]
            assert re.findall("{.*?}", english) == re.findall("{.*?}", chinese), row["column"]
            if english and "{" in row["column"]:
                assert "{year}" in english, row["column"]
    assert fields.label_of("share_60_plus_2030") == ("aged 60 and over 2030 (%)", "2030年60岁及以上人口比重（%）")
    assert fields.label_of("log_lights_per_head_2030") == (
        "log night light per resident 2030",
        "2030年人均夜间灯光（对数）",
    )
    assert fields.label_of("population_2010", year=False) == ("residents", "常住人口")


def test_a_column_without_description_or_label_is_refused() -> None:
    with pytest.raises(SpecificationError, match=r"no column 'colour'.*frame_dictionary\.csv"):
        fields.label_of("colour")
    with pytest.raises(SpecificationError, match="'code' has no label"):
        fields.label_of("code")
    with pytest.raises(SpecificationError, match="'on_border' has no title"):
        fields.title_of("on_border")


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(UnknownTableError, match="census_2010"):
        fields.fields_of("census_2015")


def test_the_data_package_is_that_of_dictionary_and_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Registry and package written anew are what is committed."""
    registry, package = tmp_path / "registry.csv", tmp_path / "datapackage.json"
    registry.write_bytes(sources.REGISTRY.read_bytes())
    committed = sources.REGISTRY.read_bytes(), register.PACKAGE.read_bytes()
    monkeypatch.setattr(sources, "REGISTRY", registry)
    monkeypatch.setattr(register, "PACKAGE", package)
    assert register.build_registry() == []
    assert (registry.read_bytes(), package.read_bytes()) == committed
    names = {resource["path"].removesuffix(".csv") for resource in json.loads(committed[1])["resources"]}
    assert names == set(fields.table_names())


def test_a_resource_carries_type_unit_range_and_both_languages() -> None:
    schema = fields.frictionless_resource([CODE, PERSONS, KIND])
    assert schema["primaryKey"] == ["code"]
    assert schema["fields"][1] == {
        "name": "persons",
        "type": "integer",
        "title": "Persons",
        "description": "人数",
        "constraints": {"required": False, "minimum": 0, "maximum": 100},
        "unit": "persons",
    }


@pytest.mark.parametrize("path", sorted(fields.DICTIONARY.parent.glob("*.csv")), ids=lambda path: path.name)
def test_every_row_of_every_csv_has_the_fields_of_its_head(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        head, *rows = csv.reader(lines, strict=True)
    assert {len(row) for row in [head, *rows]} == {len(set(head))}
