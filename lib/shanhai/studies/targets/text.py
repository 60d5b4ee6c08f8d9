"""What stands between the mountain counties and the targets of 2025, in sentences; every number computed."""

from collections.abc import Mapping

import pandas as pd

from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.studies.targets.arithmetic import annual_growth
from shanhai.studies.targets.follow import backtest
from shanhai.studies.targets.mountain import Followed, fastest_province
from shanhai.studies.targets.paths import GROUP
from shanhai.studies.targets.tables import STATES, level_of


def summary_text(
    gdp: Followed, urban: Followed, nation: Mapping[str, float], growth: float, language: str = "en"
) -> str:
    """What stands between the 26 and the two targets, in sentences.

    Parameters
    ----------
    gdp, urban : Followed
    nation : of :func:`shanhai.studies.targets.mountain.nation_gap`.
    growth : growth of GDP per head that the magazine announces, percent a year.
    """
    check_language(language)
    lines = [
        _gdp_sentence(gdp, language),
        _conflict_sentence(gdp, nation, growth, language),
        _urban_sentence(urban, language),
        _counties_sentence(gdp, urban, language),
    ]
    return "\n".join(lines)


def _gdp_sentence(gdp: Followed, language: str) -> str:
    row, spec = gdp.of(GROUP), gdp.spec
    now, low, high = (format_percent(row[column]) for column in ("last", "projected_low", "projected_high"))
    start = format_percent(level_of(gdp, GROUP, "residents", spec.pace_from))
    if row["state"] in ("met", "missed"):
        verdict = label(language, *STATES[row["state"]])
        return label(
            language,
            f"GDP per head of the 26 together: {now} of the province's in {row['last_year']}; target {verdict}.",
            f"26县合计人均GDP在{row['last_year']}年为全省的{now}；目标{verdict}。",
        )
    needed, pace = (format_percent(row[column], signed=True) for column in ("needed", "pace"))
    reach = "does" if row["projected_high"] >= spec.target else "does not"
    reach_zh = "可" if row["projected_high"] >= spec.target else "仍不能"
    return label(
        language,
        f"GDP per head of the 26 together: {now} of the province's in {row['last_year']} ({start} in {spec.pace_from} "
        f"with Longgang). To reach {format_number(spec.target)}% in {spec.year} it must grow {needed} a year relative "
        f"to the province; so far the relative pace is {pace}. The pace of the fastest tenth of counties {reach} "
        f"suffice: range {low} to {high}.",
        f"26县合计人均GDP：{row['last_year']}年为全省的{now}（{spec.pace_from}年含龙港为{start}）。到{spec.year}年达到"
        f"{format_number(spec.target)}%，须每年相对全省增长{needed}，以往相对速度为{pace}。按最快一成县的速度{reach_zh}"
        f"达到：区间为{low}至{high}。",
        joint="\n",
    )


def _conflict_sentence(gdp: Followed, nation: Mapping[str, float], growth: float, language: str) -> str:
    level, needed = format_percent(nation["level"]), format_percent(nation["needed"], signed=True)
    most = format_percent(fastest_province(gdp, growth))
    return label(
        language,
        f"They stood at {level} of the country in 2021 and must grow {needed} a year relative to it to draw level. "
        f"At the {format_percent(growth)} a year that the magazine announces, the 26 reach the target only if the "
        f"province grows by no more than {most} a year.",
        f"2021年为全国平均的{level}，要追平须每年相对全国增长{needed}。若按杂志所述年均增速{format_percent(growth)}，"
        f"只有全省年增速不超过{most}时才能达到目标。",
        joint="\n",
    )


def _urban_sentence(urban: Followed, language: str) -> str:
    row, spec = urban.of(GROUP), urban.spec
    now, ahead = format_percent(row["last"]), format_percent(row["projected"])
    low, high = format_percent(row["projected_low"]), format_percent(row["projected_high"])
    needed, pace = format_number(row["needed"], 2), format_number(row["pace"], 2)
    state = label(language, *STATES[row["state"]])
    return label(
        language,
        f"Urban share of the 26 together: {now} in {row['last_year']}; needed {needed} points a year, so far {pace}. "
        f"At this pace {ahead} in {spec.year} (range {low} to {high}) against {format_number(spec.target)}%: {state}.",
        f"26县合计城镇化率：{row['last_year']}年{now}；每年需提高{needed}个百分点，以往为{pace}。按此速度{spec.year}年为"
        f"{ahead}（区间{low}至{high}），目标{format_number(spec.target)}%：{state}。",
        joint="\n",
    )


def _counties_sentence(gdp: Followed, urban: Followed, language: str) -> str:
    counts = [_counts(one) for one in (gdp, urban)]
    (a, b, c), (d, e, f) = counts
    return label(
        language,
        f"County by county, held against the same numbers: GDP per head {a} above, {b} on course, {c} too slow; urban "
        f"share {d} above, {e} on course, {f} too slow.",
        f"逐县对照同一数值：人均GDP已高于{a}个、按现速可达{b}个、速度不足{c}个；城镇化率已高于{d}个、按现速可达{e}个、"
        f"速度不足{f}个。",
        joint="\n",
    )


def _counts(followed: Followed) -> tuple[int, int, int]:
    states = followed.table.loc[followed.table["unit"].ne(GROUP), "state"]
    above = states.isin(["above", "met"]).sum()
    return int(above), int(states.eq("on course").sum()), int(states.isin(["too slow", "missed", "no pace"]).sum())


def backtest_text(gdp: Followed, language: str = "en") -> str:
    """How far the rule would have erred before: the pace of 2001-2011 carried on to 2021, over registered persons."""
    check_language(language)
    paths = gdp.paths[gdp.paths["basis"].eq("registered")]
    units = [ground.unit for ground in gdp.grounds]
    errors = backtest(paths[paths["unit"].isin([*units, GROUP])], (2001, 2011, 2021)).set_index("unit")["error"]
    own = errors.drop(GROUP)
    typical, worst = format_number(own.abs().median(), 1), format_number(own.abs().max(), 1)
    group = format_number(errors[GROUP], 1, signed=True)
    return label(
        language,
        f"The same rule in 2011 (registered persons, {len(own)} paths) misses 2021 by {typical} percentage points of "
        f"the province at the median, {worst} at most; for the 26 together by {group}.",
        f"同一规则若用于2011年（户籍人口，{len(own)}条路径）：2021年误差中位数{typical}个百分点，最大{worst}；"
        f"26县合计{group}。",
        joint="\n",
    )


def gdp_level_text(targets: pd.DataFrame, county_gdp: pd.DataFrame, language: str = "en") -> str:
    """Targets for the GDP of one county: the growth at current prices that they need from 2021 on.

    Parameters
    ----------
    targets, county_gdp : the tables of these names.
    """
    check_language(language)
    lines = []
    for row in targets[targets["indicator"].eq("gdp") & targets["measure"].eq("level")].to_dict("records"):
        own = county_gdp["code"].eq(row["place"]) & county_gdp["year"].eq(2021)
        now, goal = float(county_gdp.loc[own, "gdp_10k_yuan"].iloc[0]) / 1e4, float(row["value"])
        needed = format_percent(annual_growth(now, goal, int(row["year"]) - 2021))
        level, aim = format_number(now, 1), format_number(goal)
        lines.append(
            label(
                language,
                f"{row['english']}: from {level} in 2021 this takes {needed} a year at current prices to {aim} in "
                f"{row['year']}.",
                f"{row['chinese']}：由2021年的{level}亿元到{row['year']}年的{aim}亿元，按现价须年均增长{needed}。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def later_text(progress: pd.DataFrame, missing: pd.DataFrame, given: int, language: str = "en") -> str:
    """How many later figures there are, and which of them cannot be used until another is added.

    Parameters
    ----------
    progress : of :func:`shanhai.studies.targets.later.later_progress`.
    missing : of :func:`shanhai.studies.targets.later.missing_halves`.
    given : rows of the later figures.
    """
    check_language(language)
    if not given:
        return label(
            language,
            "No later figures given. Copy data/later_figures.csv, add rows, and name the copy as later_figures under "
            "[replace] in .shanhai.toml; tables and figures then follow.",
            "未提供后续年份数据。复制data/later_figures.csv并补充各行，在.shanhai.toml的[replace]下以later_figures指明，"
            "图表随之更新。",
            joint="\n",
        )
    rows = missing.to_dict("records")
    english = "; ".join(f"{row['missing']} of {row['code']} in {row['year']}" for row in rows) or "nothing"
    chinese = "；".join(f"{row['code']}（{row['year']}年）{row['missing']}" for row in rows) or "无"
    return label(
        language,
        f"{given} later figures, {len(progress)} rows on further targets. Still missing to use all of them: {english}.",
        f"后续年份数据{given}条，另涉及目标{len(progress)}行。尚缺：{chinese}。",
        joint="\n",
    )


def progress_table(progress: pd.DataFrame, targets: pd.DataFrame, names: Mapping[str, str], language: str) -> TableSpec:
    """Further targets that later figures allow to be followed, one row a target and county; empty without any.

    Parameters
    ----------
    progress : of :func:`shanhai.studies.targets.later.later_progress`.
    targets : table ``targets``.
    names : name by code, of :func:`shanhai.studies.targets.tables.unit_names`.
    """
    check_language(language)
    words = targets.set_index("target")
    frame = pd.DataFrame(
        {
            "target": [label(language, words["english"][key], words["chinese"][key]) for key in progress["target"]],
            "county": [names.get(code, code) for code in progress["code"]],
            "span": [f"{a}-{b}" for a, b in progress[["first_year", "last_year"]].to_numpy()],
            "value": progress["value"].astype(float).to_numpy(),
            "goal": progress["goal"].astype(float).to_numpy(),
            "reached": [label(language, *(("yes", "是") if met else ("no", "否"))) for met in progress["reached"]],
        }
    )
    heads = {
        "target": label(language, "target", "目标"),
        "county": label(language, "county", "县（市、区）"),
        "span": label(language, "years", "年份"),
        "value": label(language, "figure", "数值"),
        "goal": label(language, "goal", "目标值"),
        "reached": label(language, "reached", "是否达到"),
    }
    caption = label(language, "Further targets, from later figures", "由后续年份数据跟踪的其他目标")
    return TableSpec(frame, caption, headers=heads)
