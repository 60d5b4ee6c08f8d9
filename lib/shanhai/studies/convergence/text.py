"""Sentences of the convergence notebook: what the numbers say, in words that follow the numbers."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.methods.convergence.clubs import Clubs
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import label
from shanhai.studies.convergence.registered import MEASURES
from shanhai.studies.convergence.tables import SAMPLES


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _direction(low: float, high: float) -> tuple[str, str]:
    """What an interval of beta says."""
    if high < 0:
        return "those behind grew faster", "后进者增长更快"
    if low > 0:
        return "those ahead grew faster", "领先者增长更快"
    return "who grew faster cannot be told", "无法判断谁增长更快"


def seam_sentence(size: dict[str, float], language: str = "en") -> str:
    """What happens at the seam between the sensors, beside an ordinary year."""
    growth, ordinary = (format_number(100 * np.expm1(size[key]), signed=True) for key in ("growth", "usual_growth"))
    step, usual = format_number(size["step"], 2, signed=True), format_number(size["usual"], 2)
    return label(
        language,
        f"Into 2013 the light of the median county changes by {growth}% (other years: {ordinary}% on average), and the "
        f"spread of log light by {step} (other years: {usual} either way). No growth, gap or spread is compared across "
        "it. What changed on the ground between 2012 and 2013 cannot be known from this series.",
        f"2013年中位县灯光变化{growth}%（其他年份平均{ordinary}%），对数灯光离散度变化{step}（其他年份平均变动{usual}）。"
        "增长、差距与离散均不跨此缝比较；2012至2013年的实际变化无从得知。",
        joint="\n",
    )


def position_sentences(paths: dict[str, pd.DataFrame], language: str = "en") -> str:
    """How the 26 moved against the rest of Zhejiang by light and by GDP, and how much of it is residents moving.

    Parameters
    ----------
    paths : mapping
        ``lights_per_head``, ``gdp_per_head`` (both from ``relative_position``), ``prefectures``, and if wanted
        ``same_counties``: light on the counties that have GDP.
    language : str
    """
    light, county = (paths[key].set_index("year") for key in ("lights_per_head", "gdp_per_head"))
    years = [int(str(year)) for year in light.index]
    spans = [
        ("lights_per_head", light, years[0], SENSOR_BREAK - 1),
        ("lights_per_head", light, SENSOR_BREAK, years[-1]),
        *(("gdp_per_head", county, first, last) for first, last in pairwise(int(str(y)) for y in county.index)),
    ]
    lines = [_position_line(path, first, last, MEASURES[key], language) for key, path, first, last in spans]
    if "same_counties" in paths:
        same = paths["same_counties"].set_index("year")
        name = ("on the counties with GDP, night light per resident", "有GDP的县，人均夜间灯光")
        lines.append(_position_line(same, SENSOR_BREAK, years[-1], name, language))
    elsewhere = label(
        language,
        "Here the counties that have figures in every year stand against the rest of them. All 26 together against the "
        "whole province: notebook 09.",
        "此处为各年均有数据的26县与其他县之比；26县合计与全省之比见笔记本09。",
        joint="\n",
    )
    return "\n".join([*lines, _prefecture_line(paths["prefectures"], language), elsewhere])


def _position_line(path: pd.DataFrame, first: int, last: int, name: tuple[str, str], language: str) -> str:
    before, after = (_records(path.loc[[year]])[0] for year in (first, last))
    moved = after["ratio"] - before["ratio"]
    old, new, points = (format_number(value, 1) for value in (before["ratio"], after["ratio"], abs(moved)))
    word = ("closer", "缩小") if moved > 0 else ("farther apart", "扩大")
    years = path.loc[first:last, "ratio"]
    ends = f"{format_number(years.min())}%–{format_number(years.max())}%"
    within = f" [{ends}]" if len(years) > 3 else ""
    people = " ".join(
        (format_number(before["share_people"], 1) + "%", "→", format_number(after["share_people"], 1) + "%")
    )
    return label(
        language,
        f"{name[0]}, {first}–{last}: the 26 ({after['group']} with figures) moved from {old}% to {new}%{within} of the "
        f"rest of Zhejiang ({after['others']}), {points} points {word[0]}. Their share of residents: {people}.",
        f"{name[1]}，{first}–{last}年：26县（有数据{after['group']}个）由其他{after['others']}县的{old}%变为{new}%{within}，"
        f"差距{word[1]}{points}个百分点；人口占比{people}。",
        joint="\n",
    )


def _prefecture_line(path: pd.DataFrame, language: str) -> str:
    ratio = path.set_index("year")["ratio"]
    first, last = int(path["year"].iloc[0]), int(path["year"].iloc[-1])
    low, high = int(str(ratio.idxmin())), int(str(ratio[ratio.index >= 2001].idxmax()))
    at = {year: format_number(ratio[year]) for year in (first, low, high, last)}
    return label(
        language,
        f"Quzhou and Lishui (all their counties are of the 26) against the other nine prefectures, GDP per resident: "
        f"{at[first]}% in {first}, lowest in {low} ({at[low]}%), highest since 2001 in {high} ({at[high]}%), "
        f"{at[last]}% in {last}.",
        f"衢州与丽水（所辖县均属26县）相对其他九市的人均GDP：{first}年{at[first]}%，{low}年最低（{at[low]}%），"
        f"2001年以来{high}年最高（{at[high]}%），{last}年{at[last]}%。",
        joint="\n",
    )


def beta_sentences(table: pd.DataFrame, language: str = "en") -> str:
    """What the unconditional regressions of Zhejiang say, and whether light and GDP agree on the last decade."""
    main = _records(table[table["conditions"].eq("none") & table["sample"].eq("zhejiang")])
    lines = []
    for row in main:
        said, name = _direction(row["low"], row["high"]), MEASURES[row["measure"]]
        number = f"{format_number(row['estimate'], 2)} {format_interval(row['low'], row['high'], 2)}"
        lines.append(
            label(
                language,
                f"Zhejiang, {name[0]} {row['first']}–{row['last']}: beta {number}: {said[0]}.",
                f"浙江{name[1]} {row['first']}–{row['last']}年：β {number}：{said[1]}。",
                joint="\n",
            )
        )
    late = {_direction(row["low"], row["high"]) for row in main if row["first"] >= 2011}
    if len(late) > 1:
        lines.append(
            label(
                language,
                "Light and GDP disagree on the last decade. Dim counties may have gained street lamps, or light above "
                "the sensor's floor, more than income; counties compile their GDP themselves. Neither is the truth.",
                "近十年灯光与GDP结论不一：暗县可能更多增加的是路灯或超过传感器下限的亮度，而非收入；县级GDP由各地自行核算。"
                "不以任一为准。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def growth_sentence(found: dict[tuple[str, str], tuple[float, int]], language: str = "en") -> str:
    """Correlation of the growth of light and of GDP, by area (English and Chinese name)."""
    numbers = [(name, format_number(r, 2), format_number(n)) for name, (r, n) in found.items()]
    en = "; ".join(f"{name[0]} {r} ({n} counties)" for name, r, n in numbers)
    zh = "；".join(f"{name[1]}{r}（{n}县）" for name, r, n in numbers)
    return label(
        language,
        f"Growth of light and of GDP per resident in the last decade, correlation over counties: {en}.",
        f"近十年人均灯光增长与人均GDP增长的县际相关系数：{zh}。",
        joint="\n",
    )


def noise_sentences(table: pd.DataFrame, language: str = "en") -> str:
    """What each instrument leaves of convergence."""
    lines = []
    for row in _records(table):
        said, name, other = _direction(row["low"], row["high"]), MEASURES[row["measure"]], MEASURES[row["instrument"]]
        kept = f"{format_number(row['least_squares'], 2)} → {format_number(row['estimate'], 2)}"
        where, years = SAMPLES[row["sample"]], f"{row['first']}–{row['last']}"
        lines.append(
            label(
                language,
                f"{where[0]}, {name[0]} {years}, by {other[0]} {row['instrument_year']}: {kept}; {said[0]}.",
                f"{where[1]}{name[1]}{years}，以{other[1]}{row['instrument_year']}为工具：{kept}；{said[1]}。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def sigma_sentence(table: pd.DataFrame, language: str = "en", samples: tuple[str, ...] = ("china", "zhejiang")) -> str:
    """Where the spread shrank, grew, or cannot be told."""
    heads = {
        "fell": ("Spread fell", "离散下降"),
        "rose": ("Spread rose", "离散上升"),
        "open": ("Cannot be told", "无法判断"),
    }
    words: dict[str, list[str]] = {key: [] for key in heads}
    for row in _records(table[table["sample"].isin(samples)]):
        key = "fell" if row["high"] < 0 else "rose" if row["low"] > 0 else "open"
        where, name, years = SAMPLES[row["sample"]], MEASURES[row["measure"]], f"{row['first']}–{row['last']}"
        words[key].append(label(language, f"{where[0]}, {name[0]} {years}", f"{where[1]}{name[1]}{years}"))
    return "\n".join(f"{label(language, *heads[key])}: {'; '.join(found)}." for key, found in words.items() if found)


def transition_sentence(table: pd.DataFrame, sample: str, language: str = "en") -> str:
    """How much moves, and what the long run would be if chances never changed."""
    lines = []
    for segment, rows in table[table["sample"].eq(sample)].groupby("segment", sort=False):
        ordered = _records(rows.sort_values("start"))
        mobility = format_number(ordered[0]["mobility"], 2)
        low, high = (
            (format_number(100 * end["share_last"]), format_number(100 * end["ergodic"]))
            for end in (ordered[0], ordered[-1])
        )
        lines.append(
            label(
                language,
                f"{segment}: mobility {mobility}; lowest class {low[0]}% of counties in the last year, {low[1]}% in "
                f"the long run; highest class {high[0]}% and {high[1]}%.",
                f"{segment}：流动指数{mobility}；最低类末年占{low[0]}%，长期{low[1]}%；最高类{high[0]}%与{high[1]}%。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def clubs_sentence(found: dict[str, tuple[str, Clubs, Clubs]], language: str = "en") -> str:
    """Whether all converge, and whether the clubs stay the same unfiltered and in another unit."""
    _, first, merged = found["late"]
    members = [clubs.membership() for key, (_, _, clubs) in found.items() if key.startswith("late")]
    moved = sum(int((members[0] != other.reindex(members[0].index)).sum()) for other in members[1:])
    sizes, t = " + ".join(str(len(club.members)) for club in merged.clubs), format_number(first.whole.t, 1)
    verdict = ("not rejected", "不拒绝") if first.whole.converge else ("rejected", "拒绝")
    return label(
        language,
        f"All counties of Zhejiang, {found['late'][0]}: t {t}, convergence of all {verdict[0]}. Clubs after merging: "
        f"{sizes}. Unfiltered and per million residents, {moved} memberships differ.",
        f"浙江全体，{found['late'][0]}：t为{t}，{verdict[1]}整体收敛。合并后俱乐部规模：{sizes}。"
        f"不滤波或改为每百万人时，共有{moved}个县的归属不同。",
        joint="\n",
    )


def moran_sentence(table: pd.DataFrame, language: str = "en") -> str:
    """Lowest and highest Moran's I by measure, with the largest p-value."""
    lines = []
    for measure, rows in table.groupby("measure", sort=False):
        ordered = _records(rows.sort_values("moran"))
        low, high = ordered[0], ordered[-1]
        ends = [f"{format_number(one['moran'], 2)} ({one['year']})" for one in (low, high)]
        name, p = MEASURES[str(measure)], format_p_value(rows["p"].max())
        lines.append(
            label(
                language,
                f"{name[0]}: Moran's I between {ends[0]} and {ends[1]}, {low['n']} counties, largest p {p}.",
                f"{name[1]}：莫兰指数介于{ends[0]}与{ends[1]}，{low['n']}县，最大p值{p}。",
                joint="\n",
            )
        )
    return "\n".join(lines)
