"""The border difference by province and by pair in a table of the units that are named."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shanhai.methods.records import EstimateRecord, Quantity, Result, hypothesis_tests
from shanhai.render.numbers import format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled
from shanhai.render.words import listed
from shanhai.studies.robustness.by_province import SplitDifference
from shanhai.studies.robustness.design import WORDS


def split_table(splits: Mapping[str, SplitDifference], language: str = "en") -> TableSpec:
    """Print the mean of each split and the units that the documents speak of; all units are published.

    Parameters
    ----------
    splits : mapping of split to SplitDifference
        Of ``border_by``, in the order in which they are printed.
    language : str
    """
    rows = pd.concat([_rows(split) for split in splits.values()], ignore_index=True)
    columns = (
        Column("split", ("by", "分组"), source=labelled("split", WORDS.labels("split.unit"))),
        Column(
            "unit",
            ("province or pair", "省或省对"),
            source=lambda table, tongue: [label(tongue, *pair) for pair in table[["name_en", "name_zh"]].to_numpy()],
        ),
        Column("counties", ("border counties", "省际边界县数")),
        Column("prefectures", ("prefectures", "地级市数")),
        Column("estimate", ("by itself", "自身估计值"), 3),
        Column("raw_interval", ("95% interval, t", "95%置信区间（t）"), source=interval("raw_low", "raw_high")),
        Column("shrunk", ("shrunk", "收缩后"), 3),
        Column("interval", ("95% interval", "95%置信区间"), source=interval()),
        Column("kept", ("weight of its own (%)", "自身权重（%）"), 0, source=lambda table, _: 100 * table["kept"]),
    )
    correlation = max(split.correlation for split in splits.values())
    left_out = listed(
        [
            (str(english), str(chinese))
            for split in splits.values()
            for english, chinese in split.left_out[["name_en", "name_zh"]].to_numpy()
        ],
        (", ", "、"),
    )
    notes = (
        WORDS("split.note.method", language),
        WORDS("split.note.shrunk", language),
        WORDS("split.note.shared", language, correlation=format_number(correlation, 2)),
        *((WORDS("split.note.left_out", language, names=left_out),) if left_out[0] else ()),
    )
    results = [result for split in splits.values() for result in _results(split)]
    return build_table(rows, columns, language, WORDS.pair("split.caption"), notes, results)


def _rows(found: SplitDifference) -> pd.DataFrame:
    """The mean, then the units that are named."""
    low, high = found.pooled.mean.interval()
    english, chinese = WORDS.pair(f"split.all.{found.split}", n=format_number(len(found.units)))
    mean = {"name_en": english, "name_zh": chinese, "shrunk": found.pooled.mean.value, "low": low, "high": high}
    named = found.units[found.units["is_named"]].sort_values("unit")
    counts = {name: named[name].astype("Int64") for name in ("counties", "prefectures")}
    return pd.concat([pd.DataFrame([mean]), named.assign(**counts)], ignore_index=True).assign(split=found.split)


def _results(found: SplitDifference) -> tuple[Result, ...]:
    """Own and shrunken estimates of all units, the mean, the spread and the test that all are one."""
    spec, n = found.result.spec, found.result.n
    about: dict[str, Any] = {"sample": spec.sample.name, "outcome": spec.outcome.name, "design_id": spec.spec_id}
    shrunk = [
        EstimateRecord(
            **about,
            model=f"{spec.model}, shrunk to the mean",
            term=f"on_border, {row['unit']}",
            estimate=float(row["shrunk"]),
            n=n,
            se=float(row["shrunk_se"]),
            low=float(row["low"]),
            high=float(row["high"]),
            method="empirical Bayes (Morris 1983)",
        )
        for row in found.units.to_dict("records")
    ]
    count = len(found.units)
    unit = {"province": "provinces", "pair": "pairs of provinces"}[found.split]
    mean = EstimateRecord.of(
        found.pooled.mean,
        spec.sample.name,
        spec.outcome.name,
        spec.model,
        "on_border, mean of the units",
        count,
        estimand="mean of random effects",
        design_id=spec.spec_id,
        unit=unit,
    )
    value, low, high = found.pooled.spread
    spread = EstimateRecord(
        **about,
        model=spec.model,
        term="on_border, standard deviation between units",
        estimate=value,
        n=count,
        unit=unit,
        estimand="standard deviation",
        low=low,
        high=high,
        method="Paule-Mandel, Q-profile",
    )
    share = Quantity(
        spec.sample.name, "I2 of the border difference", spec.model, f"by {found.split}",
        found.pooled.heterogeneity[0], count, spec.spec_id, unit,
    )  # fmt: skip
    test = hypothesis_tests(
        pd.DataFrame({"p": [found.pooled.p_equal]}),
        **about,
        model=spec.model,
        term="all units have one difference",
        statistic="Q",
        value=found.pooled.q,
        df=count - 1,
        n=count,
        unit=unit,
        method="chi-squared",
    )
    own = [record for record in found.result.records() if record.term.startswith("border_")]
    return (*own, *shrunk, mean, spread, share, *test)
