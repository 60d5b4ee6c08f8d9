"""The claims that rest on a p-value as one family of tests, the whole ledger at once."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from shanhai.claims.engine import project_findings
from shanhai.claims.evidence import project_evidence
from shanhai.claims.findings import findings_records
from shanhai.claims.verdicts import VERDICT_NAMES, multiple_testing
from shanhai.methods.records import HypothesisTest
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, labelled, p_values
from shanhai.studies.robustness.battery import Battery
from shanhai.studies.robustness.design import WORDS

_SIDES = {"one": ("one-sided", "单侧"), "two": ("two-sided", "双侧")}


def ledger_tests(batteries: Mapping[str, Battery]) -> pd.DataFrame:
    """Claims with a p-value, as :func:`shanhai.claims.verdicts.multiple_testing` gives them, and ``indicator_zh``.

    Parameters
    ----------
    batteries : mapping of estimand to Battery
        Of ``border_batteries`` on the frame of the project, so that Q22 need not draw its maps a second time.
    """
    project_evidence().kept("batteries", lambda: batteries)
    findings = project_findings()
    tests = multiple_testing(findings_records(findings))
    return tests.assign(indicator_zh=tests["id"].map({finding.id: finding.indicator_zh for finding in findings}))


def ledger_table(tests: pd.DataFrame, language: str = "en") -> TableSpec:
    """p-values of the ledger, raw and adjusted over all of it, with the verdict and those that would follow."""
    verdicts = {name: labelled(name, VERDICT_NAMES) for name in ("verdict", "verdict_holm", "verdict_bh")}
    columns = (
        Column("id", ("claim", "编号")),
        Column("indicator", ("about", "内容"), source=_subjects),
        Column("sides", ("sides", "单双侧"), source=labelled("sides", _SIDES)),
        Column("p", ("p", "p值"), source=p_values("p")),
        Column("p_holm", ("p (Holm)", "Holm校正p值"), source=p_values("p_holm")),
        Column("p_bh", ("p (Benjamini-Hochberg)", "BH校正p值"), source=p_values("p_bh")),
        Column("verdict", ("verdict", "判定"), source=verdicts["verdict"]),
        Column("verdict_holm", ("after Holm", "Holm校正后"), source=verdicts["verdict_holm"]),
        Column("verdict_bh", ("after Benjamini-Hochberg", "BH校正后"), source=verdicts["verdict_bh"]),
    )
    records = tuple(_record(row, len(tests)) for row in tests.to_dict("records"))
    caption = WORDS.pair("ledger.caption")
    shown = tests.assign(sides=["one" if one_sided else "two" for one_sided in tests["one_sided"]])
    return build_table(shown, columns, language, caption, (WORDS("ledger.note", language),), records)


def _subjects(rows: pd.DataFrame, language: str) -> list[str]:
    """What each claim is about, in the language."""
    pairs = rows[["indicator", "indicator_zh"]].itertuples(index=False, name=None)
    return [label(language, english, chinese) for english, chinese in pairs]


def _record(row: Mapping[Hashable, Any], size: int) -> HypothesisTest:
    """The test behind a claim, each adjusted p-value under the name of its method and of the family."""
    raw, holm, bh = (float(row[name]) for name in ("p", "p_holm", "p_bh"))
    return HypothesisTest(
        sample="claims of the documents",
        outcome=str(row["indicator"]),
        model=f"ledger of {size} claims with a p-value",
        term=str(row["id"]),
        statistic="p",
        value=raw,
        n=size,
        unit="claims",
        p=raw,
        p_other={f"Holm, ledger of {size}": holm, f"Benjamini-Hochberg, ledger of {size}": bh},
        method="p of the primary basis of the claim",
    )
