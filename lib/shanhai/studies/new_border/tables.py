"""Tables of notebook 07: the border of 1997, by unit and under other designs, and gaps between nine prefectures."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from shanhai.methods.records import EstimateRecord, Quantity, estimates_of
from shanhai.render.numbers import MISSING, format_number, format_p_value
from shanhai.render.style import label
from shanhai.render.tables import Column, Source, TableSpec, build_table, interval, labelled, p_values
from shanhai.render.words import Pair
from shanhai.studies.new_border.analysis import BorderStudy, describe
from shanhai.studies.new_border.design import VARIANTS
from shanhai.studies.new_border.pair_design import FIRST_DESIGN
from shanhai.studies.new_border.pair_design import MAIN as MAIN_PAIRS
from shanhai.studies.new_border.pair_design import VARIANTS as PAIR_VARIANTS
from shanhai.studies.new_border.words import SIDES, WORDS, border_name, period, unit_name

_DESIGNS = WORDS.labels("designs")
_PAIR_DESIGNS = WORDS.labels("pair_designs")
_P = Column("p", ("p", "p值"), source=p_values("p"))
_INTERVAL = ("95% interval", "95%置信区间")
_DIFFERENCE = ("cross-border difference", "跨省差异")


def _period(rows: pd.DataFrame, language: str) -> list[str]:
    return [period(start, end, language) for start, end in rows[["start", "end"]].to_numpy()]


def _years(start: int, end: int) -> Pair:
    """Head of a column of years."""
    return period(start, end), period(start, end, "zh")


def _units(column: str) -> Source:
    """Names of the units in a column."""
    return lambda rows, language: [label(language, *unit_name(code)) for code in rows[column]]


def _borders(rows: pd.DataFrame, language: str) -> list[str]:
    return [border_name(border, language) for border in rows["border"]]


_YEARS = (
    Column("first_year", ("first year", "首年")),
    Column("years", ("years before 1997", "1997年前年数")),
    Column("border", ("of Sichuan's side", "四川一侧")),
    Column("chongqing", ("Chongqing", "重庆")),
    Column("whole", ("prefectures in all", "地级市总数")),
    Column("missing", ("excluded: a year is missing", "剔除：缺年份")),
    Column("jump", ("excluded: jump", "剔除：跳跃")),
    Column("repeated", ("excluded: repeated figure", "剔除：数字重复")),
    Column("growth", ("with growth in every year", "各年均有增速")),
)
_SIDES = (
    Column("side", ("side", "对象"), source=labelled("side", SIDES)),
    Column("period", ("window", "时段"), source=_period),
    Column("estimate", ("mean gap", "平均差距"), 3),
    Column("interval", _INTERVAL, source=interval()),
    _P,
    Column("p_rank", ("p by rank", "秩p值"), source=p_values("p_rank")),
    Column("p_holm", ("p (Holm)", "Holm校正p值"), source=p_values("p_holm")),
    Column("loss", ("detectable loss, %", "最小可识别损失（%）"), 0),
    Column("plain", ("difference-in-differences", "双重差分法"), 3),
    Column("plain_p", ("p, difference-in-differences", "双重差分法p值"), source=p_values("plain_p")),
)
_NINE = (
    Column("design", ("design", "设定"), source=labelled("design", _PAIR_DESIGNS)),
    Column("period", ("period", "时期"), source=_period),
    Column("prices", ("prices", "价格"), source=labelled("prices", WORDS.labels("pair_prices"))),
    Column("estimate", _DIFFERENCE, 2),
    Column("interval", _INTERVAL, source=interval(digits=2)),
    Column("p", ("exact p", "精确p值"), source=p_values("p")),
    Column("p_contiguous", ("p, provinces contiguous", "p值（省份连片）"), source=p_values("p_contiguous")),
    Column("detectable", ("detectable difference", "最小可识别差异"), 2),
    Column("slope", ("coefficient of the initial gap", "初始差距的系数"), 2),
    Column("mean_change", ("mean change", "平均变化"), 2),
    Column("pairs", ("pairs", "对数")),
    Column("across", ("across a border", "跨省对数")),
)
_COUNTIES = (
    Column("area", ("area", "范围"), source=labelled("area", WORDS.labels("county_areas"))),
    Column("measure", ("measure", "指标"), source=labelled("measure", WORDS.labels("county_measures"))),
    Column("period", ("period", "时期"), source=_period),
    Column("estimate", _DIFFERENCE, 2),
    Column("se", ("standard error", "标准误"), 2),
    Column("interval", _INTERVAL, source=interval(digits=2)),
    _P,
    Column("mean_change", ("mean change", "平均变化"), 2),
    Column("pairs", ("pairs", "对数")),
    Column("across", ("across a border", "跨省对数")),
    Column("prefectures", ("prefectures", "地级市数")),
)


def years_table(years: pd.DataFrame, study: BorderStudy, language: str = "en") -> TableSpec:
    """Print ``pre_years``: which first year leaves which prefectures."""
    border = str(len(study.units.of("border")))
    note = WORDS("tables.years.note", language, last=str(study.design.last), border=border)
    return build_table(years, _YEARS, language, WORDS.pair("tables.years.caption"), (note,))


def sides_table(study: BorderStudy, effects: pd.DataFrame, plain: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``side_effects``: the mean gap on both sides of the new border by window, against placebos.

    ``plain`` are those of the same design with equal weights, difference-in-differences.
    """
    keys = ["side", "start", "end"]
    beside = plain.set_index(keys)[["estimate", "p"]].set_axis(["plain", "plain_p"], axis=1)
    rows = effects.join(beside, on=keys).assign(loss=-100 * np.expm1(-effects["detectable"]))
    order = {side: place for place, side in enumerate(SIDES)}
    rows = rows.assign(order=rows["side"].map(order)).sort_values(["order", "whole", "start"]).reset_index(drop=True)
    votes = effects.drop_duplicates("side").set_index("side")["provinces"]
    provinces = {side: str(votes[side]) for side in ("sichuan", "chongqing")}
    notes = (
        WORDS("tables.sides.effect", language),
        WORDS("tables.sides.placebos", language, group=str(study.design.group), **provinces),
        WORDS("seen.windows", language),
    )
    equal = replace(study, design=replace(study.design, ridge="equal"))
    shown = (*_side_estimates(describe(effects, study)), *_side_estimates(describe(plain, equal)))
    losses = (
        Quantity(
            "prefectures with whole series", "mean gap of log_gdp", f"{_study_model(study)}; {start}-{end}",
            f"new_border:{side}, detectable loss in percent of GDP", float(loss), int(units), study.design.spec_id,
            "prefectures",
        )
        for side, start, end, units, loss in rows[[*keys, "units", "loss"]].to_numpy()
    )  # fmt: skip
    caption = WORDS.pair("tables.sides.caption")
    table = build_table(rows, _SIDES, language, caption, notes, (*shown, *losses))
    return replace(table, rules_before=frozenset(np.flatnonzero(rows["side"].ne(rows["side"].shift()))[1:].tolist()))


def units_table(study: BorderStudy, units: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``unit_effects``: each treated unit, its gap by window and its fit."""

    def heaviest(rows: pd.DataFrame, language: str) -> list[str]:
        shares = [f"{format_number(100 * weight, 1)}%" for weight in rows["weight"]]
        return [f"{name} {share}" for name, share in zip(_units("heaviest")(rows, language), shares, strict=True)]

    columns = (
        Column("unit", ("prefecture", "地级市"), source=_units("unit")),
        *(Column(f"{start}-{end}", _years(start, end), 3) for start, end in study.design.windows),
        Column("rmspe_pre", ("RMSPE before", "设立前的均方根预测误差"), 3),
        Column("rmspe_post", ("RMSPE after", "设立后的均方根预测误差"), 3),
        Column("p_ratio", ("p of the ratio", "比值p值"), source=p_values("p_ratio")),
        Column("effective", ("effective donors", "有效对照数"), 0),
        Column("heaviest", ("donor with the largest weight", "权重最大的对照"), source=heaviest),
    )
    model = _study_model(study)
    estimates = [
        EstimateRecord(
            "prefectures with whole series", "log_gdp", model, f"new_border:{row['unit']}", row["effect"], 1,
            "", "mean gap", p=row["p_ratio"], p_other={},
            design_id=study.design.spec_id, unit="prefectures", method="placebo in space, ratio of RMSPE",
        )
        for row in units.to_dict("records")
    ]  # fmt: skip
    note = WORDS("tables.units.note", language, before=str(study.design.treated_from - study.design.first))
    return build_table(units, columns, language, WORDS.pair("tables.units.caption"), (note,), estimates)


def designs_table(designs: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``compare_designs``, the declared robustness table: each design and side, estimate and p by window.

    Windows are those of the main design, by their place; one that a design ends later or earlier is named in its cell.
    """
    main = designs[designs["design"].eq("main") & ~designs["whole"]]
    heads = list(dict.fromkeys(main[["start", "end"]].itertuples(index=False, name=None)))
    columns = [
        Column("design", ("design", "设定"), source=labelled("design", _DESIGNS)),
        Column("side", ("side", "对象"), source=labelled("side", SIDES)),
        Column("matched", ("years matched", "匹配年份"), source=_matched),
        Column("donors", ("donors", "对照数")),
        Column("spread", ("spread of donors", "对照离散程度"), 3),
    ]
    rows = designs.drop_duplicates(["design", "side"]).reset_index(drop=True)
    by_key = {tuple(row[name] for name in ("design", "side", "whole", "start")): row for _, row in designs.iterrows()}
    for start, end in heads:
        rows[f"{start}"] = [
            _cell(by_key[key], language, end) if (key := (design, side, False, start)) in by_key else MISSING
            for design, side in rows[["design", "side"]].to_numpy()
        ]
        columns.append(Column(f"{start}", _years(start, end)))
    whole = {(row["design"], row["side"]): row for _, row in designs[designs["whole"]].iterrows()}
    rows["mean"] = [_cell(whole[design, side], language) for design, side in rows[["design", "side"]].to_numpy()]
    columns.append(Column("mean", ("all years", "全部年份")))
    caption, notes = WORDS.pair("tables.designs.caption"), (WORDS("tables.designs.note", language),)
    return build_table(rows, columns, language, caption, notes, _side_estimates(designs))


def _matched(rows: pd.DataFrame, language: str) -> list[str]:
    return [period(first, treated - 1, language) for first, treated in rows[["first", "treated_from"]].to_numpy()]


def _cell(row: pd.Series, language: str, end: int | None = None) -> str:
    """Estimate with its p, and the last year where it is another than the head says."""
    text = f"{format_number(row['estimate'], 3)} ({format_p_value(row['p'])})"
    if end is None or row["end"] == end:
        return text
    return WORDS("tables.designs.until", language, estimate=text, end=str(row["end"]))


def leave_out_table(
    study: BorderStudy, provinces: pd.DataFrame, donors: pd.DataFrame, language: str = "en"
) -> TableSpec:
    """Print the range of the gaps without one province of donors, or one heavy donor, at a time.

    Parameters
    ----------
    study : BorderStudy
    provinces, donors : DataFrame
        Of ``leave_out``, by province and by donor.
    language : str
    """
    rows = pd.DataFrame(
        {
            "side": side, "start": start, "end": end, "main": study.side_gaps[side].loc[start:end].mean(),
            **_ends(provinces[provinces["start"].eq(start)], side, language),
            "least": donors.loc[donors["start"].eq(start), side].min(),
            "most": donors.loc[donors["start"].eq(start), side].max(),
        }
        for side in study.side_gaps
        for start, end in study.design.windows
    )  # fmt: skip
    columns = (
        Column("side", ("side", "对象"), source=labelled("side", SIDES)),
        Column("period", ("window", "时段"), source=_period),
        Column("main", ("all donors", "全部对照"), 3),
        Column("lowest", ("lowest without a province", "剔除一省后最低")),
        Column("highest", ("highest without a province", "剔除一省后最高")),
        Column("least", ("lowest without a donor", "剔除一个对照后最低"), 3),
        Column("most", ("highest without a donor", "剔除一个对照后最高"), 3),
    )
    notes = (WORDS("tables.leave_out.note", language),)
    quantities = _leave_out_quantities(study, {"province": provinces, "donor": donors})
    return build_table(rows, columns, language, WORDS.pair("tables.leave_out.caption"), notes, quantities)


def _ends(part: pd.DataFrame, side: str, language: str) -> dict[str, str]:
    """Lowest and highest gap of a side, each with the province that is left out."""
    ordered = part.sort_values(side, kind="stable").iloc[[0, -1]]
    cells = [
        WORDS("tables.leave_out.without", language, gap=format_number(gap, 3), province=border_name(code, language))
        for gap, code in ordered[[side, "left_out"]].to_numpy()
    ]
    return dict(zip(("lowest", "highest"), cells, strict=True))


def _leave_out_quantities(study: BorderStudy, by_key: Mapping[str, pd.DataFrame]) -> tuple[Quantity, ...]:
    """Gaps without one province or one heavy donor in the pool, of ``leave_out``, and the range of each."""
    model = _study_model(study)
    units = {"sichuan": len(study.units.of("border")), "chongqing": 1}
    return tuple(
        Quantity(
            "prefectures with whole series", "mean gap of log_gdp", f"{model}; one {key} left out at a time",
            f"new_border:{side}, {name}", float(value), count, study.design.spec_id, "prefectures",
        )
        for key, table in by_key.items()
        for (start, end), part in table.groupby(["start", "end"])
        for side, count in units.items()
        for name, value in {
            **{
                f"{start}-{end} without {code}": effect
                for code, effect in zip(part["left_out"], part[side], strict=True)
            },
            f"{start}-{end} lowest": part[side].min(),
            f"{start}-{end} highest": part[side].max(),
        }.items()
    )  # fmt: skip


def nine_table(effects: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``border_effects``: the effect of a provincial border between two of the nine, design by design."""
    asked = effects["design"].eq("main") & effects["spec_id"].ne(MAIN_PAIRS.spec_id)
    rows = effects.assign(design=effects["design"].mask(asked, "as_asked"))
    main = effects[effects["design"].eq("main")].iloc[0]
    ways, contiguous = (format_number(main[name]) for name in ("ways", "contiguous"))
    notes = (
        WORDS("tables.nine.effect", language),
        WORDS("tables.nine.p", language, ways=ways, contiguous=contiguous),
        WORDS("seen.pairs", language),
    )
    distinct = effects.drop_duplicates("spec_id")
    estimates = _pair_estimates(
        distinct, model="Barro on pairs", term="other_province", n=distinct["pairs"],
        p_other=[{"provinces in one piece": p} for p in distinct["p_contiguous"]],
    )  # fmt: skip
    return build_table(rows, _NINE, language, WORDS.pair("tables.nine.caption"), notes, estimates)


def borders_table(effects: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``effects_by_border``: effect border by border, for the whole period and its halves."""
    parts = {str(name): part for name, part in effects.groupby("design", sort=False)}
    rows = next(iter(parts.values()))[["border", "pairs"]].set_index("border", drop=False)
    columns = [
        Column("border", ("border", "省界"), source=_borders),
        Column("pairs", ("pairs", "对数")),
    ]
    for name, part in parts.items():
        by_border = part.set_index("border")
        rows = rows.assign(**{name: by_border["estimate"], f"{name}_p": by_border["p"]})
        years = period(part["start"].iloc[0], part["end"].iloc[0], language)
        columns += [
            Column(name, (years, years), 2),
            Column(f"{name}_p", (f"p, {years}", f"p值，{years}"), source=p_values(f"{name}_p")),
        ]
    notes = (WORDS("tables.borders.effect", language), WORDS("tables.borders.few", language))
    estimates = _pair_estimates(effects, model="Barro on pairs, by border", term=effects["border"])
    rows = rows.reset_index(drop=True)
    return build_table(rows, columns, language, WORDS.pair("tables.borders.caption"), notes, estimates)


def prices_table(prices: pd.DataFrame, missing: pd.DataFrame, effects: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``implied_prices``, ``missing_growth`` and ``without_each``: one row a prefecture."""
    years = missing.set_index("code")["years"]
    rows = prices.join(effects.set_index("left_out")[["estimate", "p"]], on="code")
    comma = "、" if language == "zh" else ", "
    rows["missing"] = [years.get(code, MISSING).replace(", ", comma) for code in rows["code"]]
    span, whole = (_years(design.start, design.end) for design in (MAIN_PAIRS, FIRST_DESIGN))
    columns = (
        Column("code", ("prefecture", "地级市"), source=_units("code")),
        Column("main", (f"implied prices, {span[0]}", f"隐含价格，{span[1]}年"), 1),
        Column("whole", (f"implied prices, {whole[0]}", f"隐含价格，{whole[1]}年"), 1),
        Column("missing", ("growth not published", "未公布增速的年份")),
        Column("estimate", ("difference without it", "剔除后的差异"), 2),
        Column("p", ("exact p", "精确p值"), source=p_values("p")),
    )
    notes = (WORDS("tables.prices.note", language),)
    estimates = _pair_estimates(effects, model="Barro on pairs, one prefecture left out",
                                term="other_province, without " + effects["left_out"], n=effects["pairs"])  # fmt: skip
    return build_table(rows, columns, language, WORDS.pair("tables.prices.caption"), notes, estimates)


def counties_table(effects: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``county_effects``: the same on adjacent counties, beyond a prefectural boundary."""
    rows = effects.assign(area=effects["in_nine"].map({True: "nine", False: "china"}))
    notes = (WORDS("tables.counties.effect", language), WORDS("tables.counties.data", language))
    inside = effects["in_nine"]
    years = effects["start"].astype(str) + "_" + effects["end"].astype(str)
    estimates = estimates_of(
        effects,
        sample=["adjacent counties, " + ("nine prefectures" if nine else "China") for nine in inside],
        outcome="change_of_log_gap_of_" + effects["measure"] + "_" + years,
        model="Barro on pairs",
        term="other_province",
        n=effects["pairs"],
        unit="pairs of adjacent counties",
        vcov=["" if nine else "dyadic(prefecture_code)" for nine in inside],
        method=["exact permutation" if nine else "" for nine in inside],
        clusters=[None if nine else count for nine, count in zip(inside, effects["prefectures"], strict=True)],
    )
    return build_table(rows, _COUNTIES, language, WORDS.pair("tables.counties.caption"), notes, estimates)


def _side_estimates(rows: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Effects on the sides of the new border, of ``compare_designs``, or of ``side_effects`` with its first columns."""
    placebos = {
        "sichuan": "placebo groups of neighbouring prefectures, one vote per province",
        "chongqing": "placebo in space, one vote per province",
        "contrast": "exact permutation within Sichuan",
    }
    return estimates_of(
        rows,
        sample="prefectures with whole series",
        outcome="log_gdp",
        model=[_model_name(row) for _, row in rows.iterrows()],
        term="new_border:" + rows["side"] + ", " + rows["start"].astype(str) + "-" + rows["end"].astype(str),
        n=rows["units"],
        unit="prefectures on the sides compared",
        method=[placebos[side] for side in rows["side"]],
        p_other=[
            {"by rank": rank} | ({} if np.isnan(holm) else {"Holm over windows": holm})
            for rank, holm in rows[["p_rank", "p_holm"]].to_numpy()
        ],
        estimand="mean gap",
    )


def _study_model(study: BorderStudy) -> str:
    return _model_name(describe(pd.DataFrame(index=[0]), study).iloc[0])


def _model_name(row: pd.Series) -> str:
    """Model with its design: which one, the years matched and averaged, and how many donors."""
    if row["design"] == "sdid":
        kind, name = "synthetic difference-in-differences", "main column"
    else:
        known = [key for key, design in VARIANTS.items() if design.spec_id == row["spec_id"]]
        kind, name = "synthetic control", _DESIGNS[known[0]][0] if known else f"design as asked ({row['spec_id']})"
    matched, averaged = f"{row['first']}-{row['treated_from'] - 1}", f"{row['treated_from']}-{row['last']}"
    return f"{kind}, {name}: {matched} matched, {averaged} after, {row['donors']} donors"


def _pair_estimates(effects: pd.DataFrame, model: str, **fields: object) -> tuple[EstimateRecord, ...]:
    """Effects on gaps between the nine prefectures, tested by all assignments of them to provinces."""
    known = {design.spec_id: name for name, design in PAIR_VARIANTS.items()}
    models = [
        f"{model}, {_PAIR_DESIGNS[known.get(row['spec_id'], 'as_asked')][0]}: {row['start']}-{row['end']}, "
        f"{'adjacent' if row['adjacent_only'] else 'all'} pairs, distance "
        f"{'held' if row['distance'] else 'not held'} fixed"
        for row in effects.to_dict("records")
    ]
    return estimates_of(
        effects,
        sample="nine prefectures",
        outcome=["change_of_log_gap_of_" + ("gdp_per_resident" if head else "gdp") for head in effects["per_head"]],
        model=models,
        unit="pairs of prefectures",
        method="exact permutation",
        **fields,
    )
