"""The ledger as one family: its table, and the claims whose verdict correction would change."""

import pandas as pd

from shanhai.studies.robustness.ledger import ledger_table
from shanhai.studies.robustness.words import ledger_text

TESTS = pd.DataFrame(
    [
        ("X1", "a", True, 0.03, 0.06, 0.03, "consistent", "inconclusive", "consistent"),
        ("X2", "b", False, 0.20, 0.20, 0.20, "inconclusive", "inconclusive", "inconclusive"),
    ],
    columns=["id", "indicator", "one_sided", "p", "p_holm", "p_bh", "verdict", "verdict_holm", "verdict_bh"],
).assign(indicator_zh=["甲", "乙"])


def test_a_verdict_that_correction_changes_is_named_by_method() -> None:
    assert ledger_text(TESTS).endswith("inconclusive: X1; after Benjamini and Hochberg's: none.")
    chinese = ledger_text(TESTS, "zh")
    assert chinese.startswith("共有2条论断") and "Holm校正：X1；按Benjamini-Hochberg校正：无" in chinese


def test_the_table_names_verdicts_in_its_language_and_stores_each_p() -> None:
    table = ledger_table(TESTS, "zh")
    assert table.cells()[0][-3:] == ["基本相符", "尚无定论", "基本相符"]
    assert [row[2] for row in table.cells()] == ["单侧", "双侧"]
    assert [row[1] for row in table.cells()] == ["甲", "乙"]
    assert [record.p for record in table.estimates] == [0.03, 0.20]
    assert table.estimates[0].p_other == {"Holm, ledger of 2": 0.06, "Benjamini-Hochberg, ledger of 2": 0.03}
