"""Tables and names of the notebook on the border of 1997: units, effects, designs, what carries them."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.methods.records import EstimateRecord, Quantity, estimates_of
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.new_border.design import CHONGQING, UNIONS, VARIANTS, BorderDesign
from shanhai.studies.new_border.study import BorderStudy, against_placebos, side_effects

SIDE_NAMES: dict[str, tuple[str, str]] = {
    "sichuan": ("Sichuan's side", "四川一侧"),
    "chongqing": ("Chongqing", "重庆"),
    "contrast": ("Sichuan's side less Sichuan's interior", "四川一侧减四川腹地"),
}

ROLE_NAMES: dict[str, tuple[str, str]] = {
    "border": ("Sichuan, touching Chongqing", "四川毗邻重庆"),
    "chongqing": SIDE_NAMES["chongqing"],
    "interior": ("Sichuan, interior", "四川腹地"),
    "donor": ("donors", "对照池"),
}

DESIGN_NAMES: dict[str, tuple[str, str]] = {
    "main": ("registered", "注册设定"),
    "pre_1994": ("years from 1994: more donors", "自1994年：对照更多"),
    "from_1996": ("border from 1996 (handover)", "以1996年代管为起点"),
    "to_2007": ("until 2007, before the earthquake", "至2007年（地震前）"),
    "to_2020": ("until 2020, as Dong & Cui", "至2020年（同董、崔）"),
    "neighbours": ("other neighbours as donors too", "其他毗邻地市也作对照"),
    "free_weights": ("weights hardly penalised", "权重几乎不惩罚"),
    "levels": ("levels matched too", "水平也匹配"),
    "backdated": ("placebo in time: border in 1995", "时间安慰剂：1995年"),
    "sdid": ("synthetic difference-in-differences", "合成双重差分"),
}

GAP_LABEL = ("log GDP, observed less synthetic", "GDP对数：实际减合成")
EFFECT_LABEL = ("mean gap of log GDP after 1997", "1997年后GDP对数的平均差距")


def unit_name(code: str, language: str = "en") -> str:
    """Name of a prefecture of the panel; a union carries both names, Chongqing that of the municipality."""
    places = load_places()
    parts = [places.province(code)] if code == CHONGQING else [places.prefecture(part) for part in _parts(code)]
    return label(language, " + ".join(one.short_en for one in parts), "与".join(one.short_zh for one in parts))


def path_label(design: BorderDesign) -> tuple[str, str]:
    """English and Chinese label of the paths."""
    base = design.treated_from - 1
    return f"log GDP relative to the donors' mean, {base} = 0", f"GDP对数减对照池均值，{base}年为0"


def _parts(code: str) -> tuple[str, ...]:
    return UNIONS.get(code, (code,))


def years_table(years: pd.DataFrame, study: BorderStudy, language: str = "en") -> TableSpec:
    """Print ``pre_years``: which first year leaves which prefectures."""
    check_language(language)
    frame = years.copy()
    heads = {
        "first_year": ("first year", "首年"),
        "years": ("years before 1997", "1997年前年数"),
        "border": ("of Sichuan's side", "四川一侧"),
        "chongqing": ("Chongqing", "重庆"),
        "whole": ("prefectures in all", "地市总数"),
        "missing": ("left out: a year is missing", "剔除：缺年份"),
        "jump": ("left out: a leap", "剔除：跳跃"),
        "repeated": ("left out: repeated figure", "剔除：重复数字"),
    }
    border = len(study.units.of("border"))
    notes = (
        label(
            language,
            f"Series from the first year to {study.design.last}, GDP at current prices. Sichuan's side has {border} "
            "units. A leap: GDP below 0.6 or above 1.7 times the year before, mostly city proper against whole "
            "prefecture before 1994.",
            f"首年至{study.design.last}年的序列，现价GDP。四川一侧{border}个单元。跳跃：GDP不足上年0.6倍或超过1.7倍，"
            "多为1994年前市区与全市口径之别。",
        ),
    )
    return three_line(
        frame, ("Which first year leaves which prefectures", "首年与可用地市"), notes, {}, heads, language
    )


def sides_table(study: BorderStudy, language: str = "en") -> TableSpec:
    """Print ``side_effects``: the effect on both sides of the new border against placebos."""
    check_language(language)
    rows = side_effects(study)
    frame = pd.DataFrame({"side": [label(language, *SIDE_NAMES[side]) for side in rows["side"]], **_columns(rows)})
    heads = {"side": ("", ""), **_heads()}
    first, last = study.design.treated_from, study.design.last
    notes = (
        label(
            language,
            f"Mean gap of log GDP, {first} to {last}, observed less synthetic. Interval: the estimate less the middle "
            "95% of the placebos. Detectable: 95% of placebos are smaller.",
            f"{first}至{last}年GDP对数的平均差距（实际减合成）。区间：估计值减安慰剂中间95%。可察觉：95%的安慰剂小于此值。",
        ),
        label(
            language,
            f"Placebos: groups of {study.design.group} neighbouring prefectures of one other province; single donors; "
            "all ways to choose the border units among Sichuan's. They border other provinces or none as it happens.",
            f"安慰剂：其他省内相邻的{study.design.group}个地市；单个对照地市；四川各单元中任选毗邻单元的全部组合。",
        ),
    )
    caption = ("Effect of the new border on both sides", "新省界对两侧的影响")
    own = rows.assign(**{str(name): value for name, value in _design_row(study).items()})
    return three_line(frame, caption, notes, DIGITS, heads, language, side_estimates(own))


def side_estimates(rows: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Effects on the sides of the new border, of ``compare_designs``, or of ``side_effects`` with its first columns."""
    placebos = {
        "sichuan": "placebo groups of neighbouring prefectures",
        "chongqing": "placebo in space",
        "contrast": "exact permutation within Sichuan",
    }
    return estimates_of(
        rows,
        sample="prefectures with whole series",
        outcome="log_gdp",
        model=[_model_name(row) for row in rows.to_dict("records")],
        term="new_border:" + rows["side"],
        n=rows["units"],
        unit="prefectures on the sides compared",
        method=[placebos[side] for side in rows["side"]],
        estimand="mean gap",
    )


def _design_row(study: BorderStudy) -> dict[Hashable, Any]:
    """The design of a study as ``compare_designs`` has it."""
    design = study.design
    return {
        "design": "main",
        "first": design.first,
        "treated_from": design.treated_from,
        "last": design.last,
        "donors": len(study.donors),
        "spec_id": design.spec_id,
    }


def _model_name(row: Mapping[Hashable, Any]) -> str:
    """Model with its design: which one, the years matched and averaged, and how many donors."""
    spec_id, years = row["spec_id"], f"{row['first']}-{row['treated_from'] - 1}"
    if row["design"] == "sdid":
        kind, name = "synthetic difference-in-differences", "registered design"
    else:
        known = [key for key, design in VARIANTS.items() if design.spec_id == spec_id]
        kind, name = "synthetic control", DESIGN_NAMES[known[0]][0] if known else f"design as asked ({spec_id})"
    averaged = f"{row['treated_from']}-{row['last']}"
    return f"{kind}, {name}: {years} matched, {averaged} averaged, {row['donors']} donors"


def units_table(study: BorderStudy, language: str = "en") -> TableSpec:
    """Each treated unit: effect, fit before and after, and its place among the donors."""
    check_language(language)
    table = study.table.set_index("unit")
    donors = table.loc[study.units.of("donor")]
    rows, estimates, model = [], [], _model_name(_design_row(study))
    for code in study.units.of("border", "chongqing"):
        fit = study.fits[code]
        place = against_placebos(fit.effect, donors["effect"].to_numpy())
        larger = int((donors["ratio"] >= fit.ratio).sum())
        p_ratio = (1 + larger) / (1 + len(donors))
        heavy = str(fit.weights.idxmax())
        estimates.append(
            EstimateRecord(
                "prefectures with whole series", "log_gdp", model, f"new_border:{code}", fit.effect, 1,
                "", "mean gap", p=place["p"], p_other={"ratio of RMSPE after and before": p_ratio},
                design_id=study.design.spec_id, unit="prefectures", method="placebo in space",
            )
        )  # fmt: skip
        rows.append(
            {
                "unit": unit_name(code, language),
                "effect": fit.effect,
                "last_gap": float(fit.gap.loc[study.design.last]),
                "rmspe_pre": fit.rmspe_pre,
                "rmspe_post": fit.rmspe_post,
                "p": format_p_value(place["p"]),
                "p_ratio": format_p_value(p_ratio),
                "effective": fit.effective_donors,
                "heaviest": f"{unit_name(heavy, language)} {format_number(100 * fit.weights.max(), 1)}%",
            }
        )
    heads = {
        "unit": ("", ""),
        "effect": ("mean gap", "平均差距"),
        "last_gap": (f"gap in {study.design.last}", f"{study.design.last}年差距"),
        "rmspe_pre": ("RMSPE before", "之前RMSPE"),
        "rmspe_post": ("RMSPE after", "之后RMSPE"),
        "p": ("p of the gap", "差距p值"),
        "p_ratio": ("p of the ratio", "比值p值"),
        "effective": ("effective donors", "有效对照数"),
        "heaviest": ("heaviest donor", "最大权重"),
    }
    before = study.design.treated_from - study.design.first
    notes = (
        label(
            language,
            f"RMSPE: root mean squared gap. Before rests on {before} years, so that a small one means little.",
            f"RMSPE：差距均方根。之前只有{before}年，拟合好并不说明多少。",
        ),
    )
    digits = {"effect": 3, "last_gap": 3, "rmspe_pre": 3, "rmspe_post": 3, "effective": 0}
    return three_line(pd.DataFrame(rows), ("Unit by unit", "各单元"), notes, digits, heads, language, tuple(estimates))


def leave_out_quantities(study: BorderStudy, by_key: Mapping[str, pd.DataFrame]) -> tuple[Quantity, ...]:
    """Effects without one province or one heavy donor in the pool, of ``leave_out``, and the range of each.

    Parameters
    ----------
    study : BorderStudy
    by_key : mapping of ``province`` and ``donor`` to the table of that name
    """
    model = _model_name(_design_row(study))
    units = {"sichuan": len(study.units.of("border")), "chongqing": 1}
    return tuple(
        Quantity(
            "prefectures with whole series", "mean gap of log_gdp", f"{model}; one {key} left out at a time",
            f"new_border:{side}, {name}", float(value), count, study.design.spec_id, "prefectures",
        )
        for key, table in by_key.items()
        for side, count in units.items()
        for name, value in {
            **{f"without {code}": effect for code, effect in zip(table["left_out"], table[side], strict=True)},
            "lowest": table[side].min(),
            "highest": table[side].max(),
        }.items()
    )  # fmt: skip


def designs_table(designs: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``compare_designs``: each design, with the estimate and p-value of each side."""
    check_language(language)
    rows = []
    for name, part in designs.groupby("design", sort=False):
        sides = part.set_index("side")
        one = part.iloc[0]
        row = {
            "design": label(language, *DESIGN_NAMES[str(name)]),
            "years": f"{one['first']}–{one['treated_from'] - 1} | {one['treated_from']}–{one['last']}",
            "donors": int(one["donors"]),
        }
        for side in SIDE_NAMES:
            row[side] = format_number(sides.loc[side, "estimate"], 3)
            row[f"{side}_p"] = format_p_value(sides.loc[side, "p"])
        rows.append(row)
    heads = {
        "design": ("design", "设定"),
        "years": ("matched | averaged", "匹配｜平均"),
        "donors": ("donors", "对照数"),
        **SIDE_NAMES,
        "contrast": ("border less interior", "毗邻减腹地"),
        **{f"{side}_p": ("p", "p值") for side in SIDE_NAMES},
    }
    caption = ("The effect under other designs", "其他设定下的影响")
    return three_line(pd.DataFrame(rows), caption, (), {}, heads, language, side_estimates(designs))


def province_name(code: str, language: str = "en") -> str:
    """Short name of a province from its first two digits or its code."""
    place: Place = load_places().province(f"{code[:2]}0000")
    return label(language, place.short_en, place.short_zh)


DIGITS = {"estimate": 3, "detectable": 3, "rmspe_pre": 3}


def _columns(rows: pd.DataFrame) -> dict[str, object]:
    return {
        "units": rows["units"],
        "estimate": rows["estimate"],
        "interval": [format_interval(low, high) for low, high in rows[["low", "high"]].to_numpy()],
        "p": [format_p_value(value) for value in rows["p"]],
        "detectable": rows["detectable"],
        "placebos": rows["placebos"],
        "rmspe_pre": rows["rmspe_pre"],
    }


def _heads() -> dict[str, tuple[str, str]]:
    return {
        "units": ("units", "单元数"),
        "estimate": ("mean gap", "平均差距"),
        "interval": ("95% interval", "95%区间"),
        "p": ("p", "p值"),
        "detectable": ("detectable", "可察觉"),
        "placebos": ("placebos", "安慰剂数"),
        "rmspe_pre": ("RMSPE before", "之前RMSPE"),
    }
