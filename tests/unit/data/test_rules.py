"""Corrections: nothing changes without a log, and every rule of the project corrects something."""

import pandas as pd
import pytest

from shanhai.core.errors import ValidationError
from shanhai.data.corrections.all_rules import RULES
from shanhai.data.load import load_corrections
from shanhai.data.rules import LOG_COLUMNS, Rule, apply_rules

FRAME = pd.DataFrame({"code": ["330802", "330803"], "year": [2011, 2021], "gdp": [1.5, None]})


def rule(correct: object, identity: str = "r", table: str = "t", needs: tuple[str, ...] = ()) -> Rule:
    return Rule(identity, table, "reason", correct, needs)  # type: ignore[arg-type]


def test_the_log_is_found_by_comparison() -> None:
    double = rule(lambda frame, tables: frame.assign(gdp=frame["gdp"] * 2), "double")
    fill = rule(lambda frame, tables: frame.fillna({"gdp": 7.0}), "fill")
    corrected, log = apply_rules("t", FRAME, [double, fill], ["code", "year"])
    assert corrected["gdp"].tolist() == [3.0, 7.0]
    assert log.to_dict("records") == [
        {
            "rule": "double",
            "table": "t",
            "key": "code=330802;year=2011",
            "column": "gdp",
            "before": "1.5",
            "after": "3",
        },
        {"rule": "fill", "table": "t", "key": "code=330803;year=2021", "column": "gdp", "before": "", "after": "7"},
    ]
    assert FRAME["gdp"].iloc[0] == 1.5  # the published frame is untouched


def test_a_corrected_key_is_logged_under_the_published_key() -> None:
    recode = rule(lambda frame, tables: frame.replace({"code": {"330802": "330899"}}))
    _, log = apply_rules("t", FRAME, [recode], ["code"])
    assert log[["key", "before", "after"]].to_numpy().tolist() == [["code=330802", "330802", "330899"]]


def test_rules_of_other_tables_are_left_out_and_an_idle_rule_logs_nothing() -> None:
    other = rule(lambda frame, tables: frame.assign(gdp=0.0), table="u")
    idle = rule(lambda frame, tables: frame)
    corrected, log = apply_rules("t", FRAME, [other, idle], ["code"])
    pd.testing.assert_frame_equal(corrected, FRAME)
    assert log.empty
    assert tuple(log.columns) == LOG_COLUMNS


def test_a_rule_sees_only_the_tables_it_needs() -> None:
    seen: list[list[str]] = []
    look = rule(lambda frame, tables: (seen.append(sorted(tables)), frame)[1], needs=("a",))
    apply_rules("t", FRAME, [look], ["code"], {"a": FRAME, "b": FRAME})
    assert seen == [["a"]]


@pytest.mark.parametrize(
    "correct",
    [
        lambda frame, tables: frame.iloc[:1],
        lambda frame, tables: frame.assign(extra=1),
        lambda frame, tables: frame.iloc[::-1],
    ],
)
def test_a_rule_may_only_change_values(correct: object) -> None:
    with pytest.raises(ValidationError, match="may only change values"):
        apply_rules("t", FRAME, [rule(correct)], ["code"])


def test_rules_have_unique_names_and_reasons() -> None:
    names = [entry.id for entry in RULES]
    assert len(names) == len(set(names))
    assert all(len(entry.reason) > 20 for entry in RULES)


@pytest.mark.parametrize("table", sorted({entry.table for entry in RULES}))
def test_every_rule_corrects_something(table: str) -> None:
    assert set(load_corrections(table)["rule"]) == {entry.id for entry in RULES if entry.table == table}
