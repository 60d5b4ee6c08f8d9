"""Tables on paired places, and on people who are registered in a place and live elsewhere."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shanhai.methods.records import EstimateRecord, estimates_of
from shanhai.render.numbers import format_interval, format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, Source, TableSpec, build_table, labelled, p_values
from shanhai.studies.pairing.design import PairingSpec
from shanhai.studies.pairing.words import WORDS

Names = Mapping[str, str]


def place_names(frame: pd.DataFrame, language: str) -> dict[str, str]:
    """Name by code of counties or prefectures."""
    rows = frame[["code", "name_en", "name_zh"]].to_numpy()
    return {str(code): label(language, str(en), str(zh)) for code, en, zh in rows}


def joint_names(codes: pd.Series, names: Names) -> dict[str, str]:
    """Names of grounds such as ``511902+511903``."""
    return {joint: " + ".join(names[code] for code in joint.split("+")) for joint in codes}


def _as_text(column: str) -> Source:
    """Whole numbers that are no amounts, such as years."""
    return lambda rows, _: [format_number(value, grouped=False) for value in rows[column]]


def _by_outcome(column: str) -> Source:
    """Values of outcomes: whole kilometres, other outcomes with two decimals."""
    return lambda rows, _: [
        format_number(value, _digits(outcome)) for outcome, value in rows[["outcome", column]].to_numpy()
    ]


def _digits(outcome: str) -> int:
    return 0 if outcome == "distance_km" else 2


_PAIRS = (
    Column("county", ("mountain county", "受援县")),
    Column("partner", ("partner", "支援方")),
    Column("since", ("named since", "文中最早年份"), source=_as_text("first_year")),
    Column("distance_km", ("distance, km", "距离（千米）"), 0),
    Column(
        "ratio_2021",
        ("GDP per head 2021, partner over county", "2021年人均GDP之比"),
        source=lambda rows, _: list(np.exp(rows["gap_2021"])),
    ),
    Column("gap_change", ("change of its log, 2011–2021", "其对数的变化（2011—2021年）")),
    Column("light_change_early", ("light, 2001/03–2010/12", "灯光2001/03—2010/12")),
    Column("light_change_late", ("light, 2013/15–2020/22", "灯光2013/15—2020/22")),
)


def pairs_table(pairs: pd.DataFrame, names: Names, language: str = "en") -> TableSpec:
    """Every named pair of counties with distance, ratios and changes, of ``pair_table``; names by code."""
    rows = pairs.assign(county=pairs["mountain_code"].map(names), partner=pairs["sea_code"].map(names))
    note = WORDS("pairs.note", language, joint="\n")
    return build_table(rows, _PAIRS, language, WORDS.pair("pairs.caption"), [note])


def _tested_outcomes(rows: pd.DataFrame, language: str) -> list[str]:
    main, outcomes = WORDS("tests.main", language), WORDS.labels("outcome")
    return [
        label(language, *outcomes[name]) + (main if is_main else "")
        for name, is_main in rows[["outcome", "main"]].to_numpy()
    ]


def _middle(rows: pd.DataFrame, _: str) -> list[str]:
    return [
        format_interval(low, high, _digits(outcome))
        for outcome, low, high in rows[["outcome", "low", "high"]].to_numpy()
    ]


_COMPARED = (
    Column("outcome", ("mean over pairs of", "各对均值"), source=_tested_outcomes),
    Column("null", ("could have been", "可能的支援方"), source=labelled("null", WORDS.labels("null"))),
)
_POWER = (
    *_COMPARED,
    Column("pairs", ("number of pairs", "结对数")),
    Column("candidates", ("candidates", "候选县数")),
    Column("expected", ("drawn pairs", "随机结对"), source=_by_outcome("expected")),
    Column(
        "detectable",
        ("detectable difference (power 80 %)", "最小可识别差异（功效80%）"),
        source=_by_outcome("detectable"),
    ),
    Column("detectable_holm", ("the same (Holm)", "同前（Holm）"), source=_by_outcome("detectable_holm")),
)
_TESTS = (
    *_COMPARED,
    Column("observed", ("named pairs", "所列结对"), source=_by_outcome("observed")),
    Column("expected", ("drawn pairs", "随机结对"), source=_by_outcome("expected")),
    Column("interval", ("middle 95 %", "2.5%～97.5%分位区间"), source=_middle),
    Column("p", ("p", "p值"), source=p_values("p")),
    Column("p_holm", ("p (Holm)", "Holm校正p值"), source=p_values("p_holm")),
    Column("pairs", ("number of pairs", "结对数")),
    Column("candidates", ("candidates", "候选县数")),
)


def power_table(tests: pd.DataFrame, language: str = "en") -> TableSpec:
    """Differences that each declared comparison could find, which follow from the draws and not from the result."""
    note = WORDS("power.note", language, joint="\n", tests=str(len(tests)))
    return build_table(tests, _POWER, language, WORDS.pair("power.caption"), [note])


def tests_table(tests: pd.DataFrame, seed: int, language: str = "en") -> TableSpec:
    """Means of the named pairs beside those of pairs that could have been; of ``tests_frame``, drawn from a seed."""
    draws, exact = (int(tests.loc[tests["exact"].eq(whole), "draws"].max()) for whole in (False, True))
    note = WORDS("tests.note", language, joint="\n", draws=format_number(draws), exact=format_number(exact))
    return build_table(tests, _TESTS, language, WORDS.pair("tests.caption"), [note], _pair_estimates(tests, seed))


_CITIES = (
    Column("side", ("compared with", "对照组")),
    Column("outcome", ("measure", "指标"), source=labelled("outcome", WORDS.labels("outcome"))),
    Column("value", ("this pair", "本对"), source=_by_outcome("value")),
    Column("median", ("median of all", "全部中位数"), source=_by_outcome("median")),
    Column(
        "rank",
        ("rank from the smallest", "由小到大位次"),
        source=lambda rows, _: [f"{rank} / {among}" for rank, among in rows[["rank", "among"]].to_numpy()],
    ),
    Column("p", ("p", "p值"), source=p_values("p")),
)


def cities_table(helper: pd.DataFrame, helped: pd.DataFrame, language: str = "en") -> TableSpec:
    """A pair of prefectures among the partners that either could have had.

    Parameters
    ----------
    helper, helped : of :func:`shanhai.studies.pairing.cities.city_ranks`: Jinhua among the prefectures of Zhejiang, and
        Bazhong among those of Sichuan.
    language : str
    """
    sides = dict(zip(WORDS.labels("side").values(), (helper, helped), strict=True))
    parts = [table.assign(side=[label(language, *title), *[""] * (len(table) - 1)]) for title, table in sides.items()]
    rows = pd.concat(parts, ignore_index=True)
    estimates = [estimate for (title, _), table in sides.items() for estimate in _city_estimates(table, title)]
    note = WORDS("cities.note", language)
    table = build_table(rows, _CITIES, language, WORDS.pair("cities.caption"), [note], estimates)
    return replace(table, rules_before=frozenset({len(helper)}))


_PEOPLE = (
    Column("year_of", ("residents of", "常住人口年份"), source=_as_text("year")),
    Column("registered_of", ("registered of", "户籍人口年份"), source=_as_text("registered_year")),
    Column("registered", ("registered", "户籍人口"), 0),
    Column("residents", ("residents", "常住人口"), 0),
    Column("difference", ("difference", "差额"), 0),
    Column("share", ("% of registered", "占户籍人口（%）"), 1),
    Column("source", ("figures from", "数据来源"), source=labelled("source", WORDS.labels("source"))),
)


def people_table(years: pd.DataFrame, language: str = "en") -> TableSpec:
    """Registered and resident population by year; of ``registered_less_resident``."""
    rows = years.assign(share=100 * years["difference"] / years["registered"])
    note = WORDS("people.note", language, joint="\n")
    return build_table(rows, _PEOPLE, language, WORDS.pair("people.caption"), [note])


_COUNTIES = (
    Column("county", ("county", "县（市、区）")),
    Column("difference_2010", ("registered less residents 2010", "2010年户籍减常住"), 0),
    Column("share_2010", ("% of registered", "占户籍人口（%）"), 1),
    Column("registered_of", ("last register", "最近户籍年份"), source=_as_text("registered_year")),
    Column("registered", ("registered", "户籍人口"), 0),
    Column("residents_2020", ("residents 2020", "2020年常住人口"), 0),
    Column("difference", ("difference", "差额"), 0),
    Column("share", ("% of registered", "占户籍人口（%）"), 1),
)


def county_people_table(counties: pd.DataFrame, names: Names, language: str = "en") -> TableSpec:
    """Registered less resident population by county; of ``by_county``, names by its ``codes``."""
    share = 100 * counties["difference_2010"] / counties["registered_2010"]
    rows = counties.assign(county=counties["codes"].map(names), share_2010=share)
    return build_table(rows, _COUNTIES, language, WORDS.pair("people.by_county"), [WORDS("people.zone", language)])


def _city_estimates(ranks: pd.DataFrame, partners: str) -> tuple[EstimateRecord, ...]:
    """A pair of prefectures among the partners that either could have had, of :func:`city_ranks`."""
    return estimates_of(
        ranks,
        sample=partners,
        model="Jinhua and Bazhong among possible partners",
        term="this pair",
        estimate=ranks["value"],
        null_mean=ranks["median"],
        n=ranks["among"],
        estimand="difference of two places",
        unit="possible pairs of prefectures",
        method="rank among possible partners",
    )


_NULL_NAMES = {"province": "any county outside the 26", "list": "partners reassigned", "as_rich": "counties as rich"}


def _pair_estimates(tests: pd.DataFrame, seed: int) -> tuple[EstimateRecord, ...]:
    """Means over the named pairs with their permutation p-values, beside what pairs at random would give.

    Parameters
    ----------
    tests : of :func:`tests_frame`.
    seed : of the draws, named with the errors because the p-value follows from it.
    """
    family = f"Holm, family of {len(tests)}"
    return tuple(
        EstimateRecord(
            "named pairs, Zhejiang", row["outcome"], f"against {_NULL_NAMES[row['null']]}", "named pairs",
            row["observed"], row["pairs"],
            "", "mean", p=row["p"], p_other={family: row["p_holm"]}, null_mean=row["expected"], null_low=row["low"],
            null_high=row["high"], design_id=PairingSpec(row["outcome"], row["null"]).spec_id,
            unit="pairs of counties", method=f"permutation ({_draws(row, seed)})",
        )
        for row in tests.to_dict("records")
    )  # fmt: skip


def _draws(row: Mapping[Hashable, Any], seed: int) -> str:
    return f"exact, {row['draws']}" if row["exact"] else f"{row['draws']}, seed {seed}"
