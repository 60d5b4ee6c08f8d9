"""Tables, text and figures on the targets of 2025, every number computed."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from shanhai.render.numbers import MISSING, format_number
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.studies.targets.chart_pace import pace_plot
from shanhai.studies.targets.charts import PathPanel, paths_plot
from shanhai.studies.targets.mountain import Followed
from shanhai.studies.targets.paths import GROUP

STATES: Mapping[str, tuple[str, str]] = {
    "met": ("met", "已达到"),
    "missed": ("missed", "未达到"),
    "above": ("above already", "已高于目标"),
    "on course": ("on course", "按现速可达"),
    "too slow": ("too slow", "速度不足"),
    "no pace": ("no earlier level", "无以往数据"),
}
"""States of a followed target."""

APPLIES: Mapping[str, tuple[str, str]] = {
    "together": ("together", "整体"),
    "unsaid": ("left open", "未说明"),
    "county": ("one county", "单县"),
}
"""For whom a target is meant, by its wording."""

BASES: Mapping[tuple[str, int], tuple[str, str]] = {
    ("registered", 2001): ("2001, registered", "2001（户籍）"),
    ("registered", 2011): ("2011, registered", "2011（户籍）"),
    ("residents", 2011): ("2011, residents", "2011（常住）"),
    ("residents", 2010): ("2010, same ground", "2010（同一地域）"),
}
"""Columns of earlier levels."""

FOLLOWED = ("gdp_per_head_of_province", "gdp_per_head_of_nation", "urban_share", "xianju_gdp")
"""Targets that the bundled tables follow."""


def unit_names(counties: pd.DataFrame, units: Sequence[str], language: str) -> dict[str, str]:
    """Names of units for tables and figures: ``26`` together first, then counties by code."""
    rows = counties.set_index("code")
    together = label(language, "the 26 together", "26县合计")
    names = {
        unit: label(language, str(rows["name_en"][unit]), _short(str(rows["name_zh"][unit])))
        for unit in units
        if unit != GROUP
    }
    return {GROUP: together} | names


def _short(name: str) -> str:
    """景宁 for 景宁畲族自治县, so that it fits a small panel."""
    return f"{name[:2]}县" if name.endswith("自治县") else name


def overview_table(targets: pd.DataFrame, language: str = "en") -> TableSpec:
    """Every target with a number: for whom, since when, and what is missing to follow it."""
    check_language(language)
    order = targets.assign(open=targets["needs_english"].notna()).sort_values(["open", "target"])
    needs = [
        label(language, "followed below", "见下文") if pd.isna(en) else label(language, str(en), str(zh))
        for en, zh in order[["needs_english", "needs_chinese"]].to_numpy()
    ]
    frame = pd.DataFrame(
        {
            "claims": [str(text).replace(";", ", ") for text in order["claims"]],
            "target": [label(language, en, zh, joint="\n") for en, zh in order[["english", "chinese"]].to_numpy()],
            "for": [label(language, *APPLIES[kind]) for kind in order["applies_to"]],
            "needs": needs,
        }
    )
    heads = {
        "claims": label(language, "claims", "论断"),
        "target": label(language, "target for 2025", "2025年目标"),
        "for": label(language, "for whom", "适用对象"),
        "needs": label(language, "what is missing", "尚缺数据"),
    }
    caption = label(language, "Targets of the plan and the magazine", "方案与杂志所列目标")
    return TableSpec(frame, caption, headers=heads, rules_before=frozenset({int((~order["open"]).sum())}))


def target_table(followed: Followed, counties: pd.DataFrame, types: pd.Series, language: str = "en") -> TableSpec:
    """Path, need and projection of one target for the 26 together and for each of them.

    Parameters
    ----------
    followed : Followed
    counties : table with code, name_en, name_zh.
    types : type of each mountain county by code (leapfrog | ecological).
    """
    check_language(language)
    names = unit_names(counties, list(followed.table["unit"]), language)
    rows = followed.table.set_index("unit").loc[list(names)]
    kinds = {"leapfrog": label(language, "leapfrog", "跨越"), "ecological": label(language, "ecological", "生态")}
    earlier = {key: head for key, head in BASES.items() if _has_basis(followed, *key)}
    columns: dict[str, object] = {
        "county": list(names.values()),
        "type": [kinds.get(str(types.get(unit, "")), "") for unit in names],
    }
    for basis, year in earlier:
        columns[f"{basis}_{year}"] = [level_of(followed, unit, basis, year) for unit in names]
    if len(set(rows["last_year"])) > 1:  # later figures of some only: each level, pace and need is from its own year
        columns["last_year"] = [str(int(year)) for year in rows["last_year"]]
    columns |= {
        "last": rows["last"].to_numpy(),
        "pace": rows["pace"].to_numpy(),
        "needed": np.where(rows["needed"].to_numpy() > 0, rows["needed"].to_numpy(), np.nan),
        "projected": rows["projected"].to_numpy(),
        "range": [_range(low, high) for low, high in rows[["projected_low", "projected_high"]].to_numpy()],
        "state": [label(language, *STATES[state]) for state in rows["state"]],
    }
    return _target_spec(followed, pd.DataFrame(columns), earlier, counties, language)


def _target_spec(
    followed: Followed,
    frame: pd.DataFrame,
    earlier: Mapping[tuple[str, int], tuple[str, str]],
    counties: pd.DataFrame,
    language: str,
) -> TableSpec:
    growth = followed.spec.kind == "growth"
    years = sorted({int(year) for year in followed.table["last_year"]})
    level = (f"{years[0]}, own boundaries", f"{years[0]}（现区划）")
    if len(years) > 1:
        level = ("last level, own boundaries", "最近一年（现区划）")
    unit = ("% a year", "%/年") if growth else ("points a year", "百分点/年")
    year = followed.spec.year
    heads = {
        "county": label(language, "county", "县（市、区）"),
        "type": label(language, "type", "类型"),
        **{f"{basis}_{when}": label(language, *head) for (basis, when), head in earlier.items()},
        **({"last_year": label(language, "last year", "最近年份")} if len(years) > 1 else {}),
        "last": label(language, *level),
        "pace": label(language, f"pace so far, {unit[0]}", f"以往速度（{unit[1]}）"),
        "needed": label(language, f"needed, {unit[0]}", f"所需（{unit[1]}）"),
        "projected": label(language, f"{year} at this pace", f"{year}（按此速度）"),
        "range": label(language, "range", "区间"),
        "state": label(language, "state", "状态"),
    }
    digits = {column: 1 for column in frame.columns if pd.api.types.is_float_dtype(frame[column])}
    for column in ("pace", "needed"):
        digits[column] = 2
    caption = (
        label(language, "GDP per head in percent of Zhejiang's", "人均GDP相当于全省的百分比")
        if growth
        else label(language, "Urban share of residents, percent", "常住人口城镇化率（%）")
    )
    return TableSpec(frame, caption, _notes(followed, counties, language), digits, heads, frozenset({1}))


def _notes(followed: Followed, counties: pd.DataFrame, language: str) -> tuple[str, ...]:
    count = len(followed.comparable)
    relative = followed.spec.kind == "growth"
    english = (
        f"{'Pace and need are growth relative to the province. ' if relative else ''}Range: the pace of the slowest "
        f"and the fastest tenth of {count} counties of Zhejiang. Earlier levels and pace of joint ground: "
        f"{_joint_grounds(followed, counties, 'en')}."
    )
    chinese = (
        f"{'速度与所需均为相对全省的增速。' if relative else ''}区间：浙江{count}个县最慢与最快一成的速度。"
        f"以往水平与速度按合并地域：{_joint_grounds(followed, counties, 'zh')}。"
    )
    return (label(language, english, chinese, joint="\n"),)


def _joint_grounds(followed: Followed, counties: pd.DataFrame, language: str) -> str:
    """Grounds that are more than one county, such as Cangnan + Longgang."""
    names = counties.set_index("code")[f"name_{language}"]
    joint = [" + ".join(names.reindex(list(one.codes))) for one in followed.grounds if len(one.codes) > 1]
    return ("；" if language == "zh" else "; ").join(joint)


def _has_basis(followed: Followed, basis: str, year: int) -> bool:
    paths = followed.paths
    start = followed.spec.pace_from
    return bool((paths["basis"].eq(basis) & paths["year"].eq(year)).any()) and year <= start


def _home(followed: Followed, unit: str) -> str:
    """Ground that a county's path is on."""
    return next((one.unit for one in followed.grounds if unit in one.members), unit)


def level_of(followed: Followed, unit: str, basis: str, year: int) -> float:
    """Earlier level on the ground that a county shares; missing if there is none."""
    paths = followed.paths
    same = paths["unit"].eq(_home(followed, unit)) & paths["basis"].eq(basis) & paths["year"].eq(year)
    return float(paths.loc[same, "value"].iloc[0]) if same.any() else float("nan")


def _range(low: float, high: float) -> str:
    return MISSING if np.isnan(low) else f"{format_number(low, 1)} – {format_number(high, 1)}"


def paths_figure(followed: Followed, counties: pd.DataFrame, language: str = "en") -> Figure:
    """Small multiples of the 26 and of all of them together."""
    check_language(language)
    names = unit_names(counties, list(followed.table["unit"]), language)
    growth = followed.spec.kind == "growth"
    panels = [_panel_of(followed, unit, name, language) for unit, name in names.items()]
    axis = (
        ("GDP per head, percent of Zhejiang's in the same year", "人均GDP相当于全省同年的百分比（%）")
        if growth
        else ("Urban share of residents, percent", "常住人口城镇化率（%）")
    )
    values = [value for one in panels for points in (one.path, one.earlier, one.own) for _, value in points]
    values += [value for one in panels for value in one.projected if not np.isnan(value)]
    limits = 10 * np.floor(min(values) / 10), 10 * np.ceil(max(values) / 10)
    return paths_plot(
        panels,
        (followed.spec.year, followed.spec.target),
        axis,
        limits=(float(limits[0]), float(limits[1])),
        earlier=("path over registered persons", "路径（户籍人口）") if growth else ("", ""),
        note=_corner_note(followed, counties, language),
        language=language,
    )


def _corner_note(followed: Followed, counties: pd.DataFrame, language: str) -> str:
    """What the number in the corner of a panel is, and which paths are joint."""
    growth = followed.spec.kind == "growth"
    corner = (
        ("growth needed a year relative to the province", "每年相对全省所需增速")
        if growth
        else ("points needed a year", "每年所需百分点")
    )
    corner = f"{corner[0]}; ✓ above the target", f"{corner[1]}；✓为已高于目标"
    english = f"In the corner: {corner[0]}. Joint paths: {_joint_grounds(followed, counties, 'en')}."
    chinese = f"左上角：{corner[1]}。合并路径：{_joint_grounds(followed, counties, 'zh')}。"
    return label(language, english, chinese)


def _panel_of(followed: Followed, unit: str, name: str, language: str) -> PathPanel:
    paths = followed.paths[followed.paths["unit"].eq(_home(followed, unit))].sort_values("year")
    points = {
        basis: [(float(year), float(value)) for year, value in part[["year", "value"]].to_numpy()]
        for basis, part in paths.groupby("basis")
    }
    own = followed.own[followed.own["unit"].eq(unit)].sort_values("year")
    row = followed.of(unit)
    sign = "%" if followed.spec.kind == "growth" else ""
    needed = format_number(row["needed"], 1, signed=True) + sign
    words = "✓" if row["state"] in ("above", "met") else "×" if row["state"] == "missed" else needed
    return PathPanel(
        name,
        points.get("residents", []),
        points.get("registered", []),
        [(float(year), float(value)) for year, value in own[["year", "value"]].to_numpy()],
        (float(row["projected"]), float(row["projected_low"]), float(row["projected_high"])),
        words,
    )


def pace_figure(gdp: Followed, urban: Followed, counties: pd.DataFrame, language: str = "en") -> Figure:
    """Pace so far beside the pace needed: GDP per head relative to the province, and the urban share."""
    names = unit_names(counties, list(gdp.table["unit"]), language)
    titles = (
        ("GDP per head: growth relative to Zhejiang, % a year", "人均GDP：相对全省的年增速（%）"),
        ("Urban share: points a year", "城镇化率：年变化（百分点）"),
    )
    return pace_plot({titles[0]: gdp.table, titles[1]: urban.table}, names, language=language)
