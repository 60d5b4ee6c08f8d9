"""The register of open statements on a small table: what is read, and what each filter keeps."""

import pandas as pd
import pytest

from shanhai.claims.statements import OpenStatement, count_topics, register_from, select
from shanhai.core.errors import ClaimError, UnknownPlaceError

_COLUMNS = ["code" if name == "codes" else name for name in OpenStatement.__dataclass_fields__]


def table() -> pd.DataFrame:
    """Four statements, one of them left out."""
    magazine, bazhong = "zhejiang-magazine-2021", "bazhong-2024"
    rows = [
        ("N0001", magazine, "Longquan; Xiuzhou", "龙泉市、秀洲区", "331181;330411", "collaboration", "register"),
        ("N0002", bazhong, "Lishui", "丽水市", "331100", "incomes", "register"),
        ("N0003", magazine, "26 mountain counties", "山区26县", None, "incomes", "register"),
        ("N0004", magazine, "Keqiao", "柯桥区", "330603", None, "left_out"),
    ]
    named = pd.DataFrame(rows, columns=["id", "seed", "place", "place_zh", "code", "topic", "handling"])
    return named.reindex(columns=[*_COLUMNS, "handling"]).assign(line=[7, 8, 9, 10])


def ids(**filters: str | int) -> list[str]:
    return [statement.id for statement in select(register_from(table()), **filters)]  # type: ignore[arg-type]


def test_the_register_holds_what_is_handled_there_with_codes_apart() -> None:
    first, *others = register_from(table())
    assert [first.id, *(statement.id for statement in others)] == ["N0001", "N0002", "N0003"]
    assert (first.codes, first.line, first.unit) == (("331181", "330411"), 7, "")
    assert others[1].codes == ()
    spaced = table().replace("331181;330411", "331181; 330411")
    assert register_from(spaced)[0].codes == ("331181", "330411")


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({}, ["N0001", "N0002", "N0003"]),
        ({"place": "331181"}, ["N0001"]),
        ({"place": 331100}, ["N0001", "N0002"]),  # a prefecture with its counties
        ({"place": "330000"}, ["N0001", "N0002"]),
        ({"place": "330603"}, []),  # left out, not in the register
        ({"place": "longquan"}, ["N0001"]),
        ({"place": "龙泉"}, ["N0001"]),
        ({"place": "26"}, ["N0003"]),
        ({"topic": "incomes"}, ["N0002", "N0003"]),
        ({"document": "bazhong-2024", "topic": "incomes"}, ["N0002"]),
    ],
)
def test_filters_keep_what_they_name(filters: dict[str, str | int], kept: list[str]) -> None:
    assert ids(**filters) == kept


def test_unknown_words_are_refused_with_what_is_allowed() -> None:
    with pytest.raises(ClaimError, match=r"'income' is no topic.*'incomes'"):
        ids(topic="income")
    with pytest.raises(ClaimError, match=r"'bazhong' is no document.*'bazhong-2024'"):
        ids(document="bazhong")
    with pytest.raises(ClaimError, match=r"No statement of the register names 'Longquann'.*Longquan"):
        ids(place="Longquann")
    with pytest.raises(UnknownPlaceError):
        ids(place=3.5)  # type: ignore[arg-type]


def test_counts_have_every_topic_and_document() -> None:
    counts = count_topics(register_from(table()))
    assert counts.loc["incomes", ["zhejiang-magazine-2021", "bazhong-2024"]].tolist() == [1, 1]
    assert (counts.shape, int(counts.to_numpy().sum())) == ((16, 5), 3)


def test_blank_missing_and_unknown_filters_are_refused_and_a_generator_is_read_once() -> None:
    with pytest.raises(ClaimError, match="place ' ' is blank"):
        ids(place=" ")
    with pytest.raises(ClaimError, match="None is no document"):
        ids(document=None)  # type: ignore[arg-type]
    for code in ("990000", "331199"):
        with pytest.raises(UnknownPlaceError, match=code):
            ids(place=code)
    found = select((statement for statement in register_from(table())), place="longquan")
    assert [statement.id for statement in found] == ["N0001"]
