"""Tables and estimates of gaps taken apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from shanhai.core.fields import label_of
from shanhai.methods.decomposition import GapShares, OaxacaResult, Rule
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, NOTHING, REMAINDER, GapPart, parts_that_differ
from shanhai.methods.records import EstimateRecord, Quantity, Result, estimates_of
from shanhai.methods.spec import RegressionSpec
from shanhai.render.numbers import MISSING, format_interval, format_number, is_missing
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, labelled, printed
from shanhai.studies.border.design import RUGGEDNESS
from shanhai.studies.gap.analysis import SMALL_GAP, GapAnswer
from shanhai.studies.gap.beside import NoOwnSlopes, OwnSlopes, Residual
from shanhai.studies.gap.design import MAIN_COEFFICIENTS
from shanhai.studies.gap.words import WORDS

_PARTS, _RULES = WORDS.labels("part"), WORDS.labels("rule")

TRAIT_DIGITS = {"ruggedness": 0, "on_border": 2, "distance_to_capital_km": 0, "is_district": 2, "mean_schooling": 2}
"""Decimals of each trait, one where none are named."""

_POINTS = Column("points", ("log points", "对数点"), source=printed("contribution", 3))

_COMPONENT = ("component", "构成因素")
_INTERVAL = ("95% interval", "95%置信区间")
_SHARE = ("% of gap", "占差距（%）")
_GAP = "gap"
"""Name of the row of the sum."""

_COUNTRY_COLUMNS = (
    Column("part", _COMPONENT, source=labelled("name", _PARTS)),
    Column("share", ("% of variance", "占方差的百分比"), source=printed("contribution", 1, 100)),
    Column("interval", _INTERVAL),
)

_OAXACA_COLUMNS = (
    Column("reference", ("coefficients of", "参照系数"), source=labelled("reference", WORDS.labels("coefficients"))),
    Column("part", _COMPONENT, source=labelled("part", WORDS.labels("term"))),
    _POINTS,
    Column("share", _SHARE, source=printed("share", 0)),
    Column("counties", ("95% interval, counties drawn", "95%置信区间（按县抽样）")),
    Column("prefectures", ("95% interval, prefectures drawn", "95%置信区间（按地级市抽样）")),
)


def shares_table(answer: GapAnswer, own: OwnSlopes | NoOwnSlopes, left: Residual, language: str = "en") -> TableSpec:
    """Parts of the gap by block with national slopes and, where there are such, with those of the province.

    The last column is then the interval that holds whichever set of slopes is right. A note says how usual the
    unexplained part is.
    """
    shares = answer.shares
    names, rules = _outline(shares)
    rows = pd.DataFrame({"name": names})
    rows["part"] = [_row_label(name, shares, language) for name in names]
    columns = [
        Column("part", _COMPONENT),
        *_account_columns(rows, "national", shares, WORDS.pair("own.column.national"), ("", ""), answer),
    ]
    parts, inside = names[:-1], shares.design.blocks
    shown = [shares.part(name) for name in parts if name not in inside or len(inside[name]) > 1]
    estimates: tuple[Result, ...] = (
        *_gap_estimates(answer, [(Rule.SHAPLEY, part) for part in shown]),
        *_residual_quantities(answer, left),
    )
    numbers = {name: format_number(getattr(shares, name)) for name in ("n", "clusters", "draws")}
    notes = [WORDS("table.shares_note", language, **numbers)]
    caption = WORDS.pair("table.shares", year=str(answer.vintage.gdp), **answer.names)
    if isinstance(own, OwnSlopes):
        province = (own.province.short_en, own.province.short_zh)
        head = WORDS.pair("own.column.own", province=province)
        columns += _account_columns(rows, "own", own.shares, head, (f", {province[0]}", f"（{province[1]}）"), answer)
        either = [own.either(name) for name in parts]
        rows["either"] = [*(format_interval(part.low, part.high) for part in either), MISSING]
        columns.append(Column("either", WORDS.pair("own.column.either")))
        estimates = (*estimates, *_own_estimates(answer, own, parts))
        own_clusters = format_number(own.shares.clusters)
        notes.append(WORDS("table.slopes_note", language, clusters=own_clusters, province=province))
    notes.append(
        WORDS(
            "table.residual_note",
            language,
            lower=format_number(left.percentile, 0),
            places=format_number(left.places),
            level=WORDS.pair(f"own.level.{left.level}"),
        )
    )
    if not answer.in_percent:
        notes.append(WORDS("table.no_percent", language, least=format_number(SMALL_GAP, 1)))
    return replace(build_table(rows, columns, language, caption, notes, estimates), rules_before=frozenset(rules))


def _outline(shares: GapShares) -> tuple[list[str], list[int]]:
    """Names of the rows of the table of shares, the sum last, and the rows that a rule stands before."""
    names: list[str] = []
    rules = []
    for block, members in shares.design.blocks.items():
        rules.append(len(names))
        names += [block] if len(members) > 1 else []
        names += [shares.design.names[number] for number in members]
    rules.append(len(names))
    ends = (part for part in shares.parts if part.name in (FIXED_EFFECTS, REMAINDER))
    names += [part.name for part in parts_that_differ(ends)]
    return [*names, _GAP], [*rules[1:], len(names)]


def _row_label(name: str, shares: GapShares, language: str) -> str:
    """Printed name of a row; a group of a block that has several stands under the block's name."""
    if name == _GAP:
        return WORDS("table.sum", language)
    if name in shares.design.blocks:
        return WORDS(f"block.{name}", language)
    together = any(
        len(members) > 1 and name in {shares.design.names[number] for number in members}
        for members in shares.design.blocks.values()
    )
    return ("· " if together else "") + label(language, *_PARTS[name])


def _account_columns(
    rows: pd.DataFrame, key: str, shares: GapShares, head: tuple[str, str], suffix: tuple[str, str], answer: GapAnswer
) -> list[Column]:
    """Columns of one account, whose values are added to the rows; heads of the CSV differ by the suffix."""
    gap = GapPart(_GAP, shares.gap, float("nan"), float("nan"), float("nan"))
    parts = [gap if name == _GAP else shares.part(name) for name in rows["name"]]
    rows[key] = [part.contribution for part in parts]
    rows[f"{key}_interval"] = [format_interval(part.low, part.high) for part in parts]
    rows[f"{key}_share"] = [100 * part.contribution / shares.gap for part in parts]
    interval, share = (tuple(map("".join, zip(name, suffix, strict=True))) for name in (_INTERVAL, _SHARE))
    columns = [Column(key, head, source=printed(key, 3)), Column(f"{key}_interval", (interval[0], interval[1]))]
    if answer.in_percent:
        columns.append(Column(f"{key}_share", (share[0], share[1]), source=printed(f"{key}_share", 0)))
    return columns


def _own_estimates(answer: GapAnswer, own: OwnSlopes, names: Sequence[str]) -> tuple[EstimateRecord, ...]:
    """Parts with own slopes, the unions, and the slopes of ruggedness."""
    shares, spec = answer.shares, answer.shares.design.regression
    pair = f"{answer.place.code} against {answer.reference.code}"
    parts = [("Shapley, own slopes", own.shares.part(name)) for name in names]
    unions = (
        EstimateRecord(
            spec.sample.name, spec.outcome.name, f"gap {pair}, Shapley, national or own slopes", part.name,
            part.contribution, shares.n, estimand="part of a gap", low=part.low, high=part.high,
            clusters=own.shares.clusters, design_id=shares.design.spec_id, method="union of two 95 % intervals",
        )
        for part in map(own.either, names)
    )  # fmt: skip
    code = own.province.code
    slopes = (
        EstimateRecord.of(
            slope, spec.sample.name, spec.outcome.name, f"slope of ruggedness, {where}", RUGGEDNESS.name, count
        )
        for slope, where, count in zip(
            own.slopes, ("country", code, f"{code} less others"), (shares.n, own.shares.n, shares.n), strict=True
        )
    )
    return (*_gap_estimates(replace(answer, shares=own.shares), parts), *unions, *slopes)


def _residual_quantities(answer: GapAnswer, left: Residual) -> tuple[Quantity, ...]:
    """The mean residual of the place and its percentile."""
    spec = answer.shares.design.regression
    return tuple(
        Quantity(
            spec.sample.name, f"mean residual among {left.level} units", "gap", f"{answer.place.code}, {what}", value,
            left.places, answer.shares.design.spec_id, unit=left.level,
        )
        for what, value in (("log points", left.value), ("percentile", left.percentile))
    )  # fmt: skip


def terrain_forms_table(answer: GapAnswer, forms: pd.DataFrame, language: str = "en") -> TableSpec:
    """What terrain accounts for, and what is left, by the form in which terrain enters.

    Parameters
    ----------
    answer : GapAnswer
    forms : DataFrame
        From ``form_table``.
    language : str
    """
    names = WORDS.labels("form")
    sides = {"": answer.names["place"], "mountain_": ("the 26", "山区26县")}
    rows, numbers = forms.copy(), []
    columns = [Column("form", ("terrain measured as", "地形的度量"), source=labelled("key", names))]
    for start, (english, chinese) in sides.items():
        for name, (head, head_zh) in (("terrain", ("terrain", "地形")), ("remainder", ("unexplained", "未解释部分"))):
            column, share = f"{start}{name}", f"{start}{name}_share"
            rows[share] = 100 * rows[column] / rows[f"{start}gap"]
            columns.append(Column(column, (f"{english}: {head}", f"{chinese}：{head_zh}"), source=printed(column, 3)))
            if start or answer.in_percent:
                columns.append(
                    Column(
                        share,
                        (f"{english}: {head}, % of gap", f"{chinese}：{head_zh}占比（%）"),
                        source=printed(share, 0),
                    )
                )
        columns.append(Column(f"{start}n", (f"{english}: counties", f"{chinese}：县数")))
        numbers += [
            Quantity(
                "Zhejiang" if start else answer.shares.design.regression.sample.name,
                "part of a gap in log GDP per head",
                f"{'26 against the rest' if start else f'gap {answer.place.code} against {answer.reference.code}'}, "
                f"{names[row['key']][0]}",
                name, float(row[f"{start}{name}"]), int(row[f"{start}n"]), str(row[f"{start}spec_id"]),
            )
            for row in forms.to_dict("records")
            for name in ("terrain", "remainder")
        ]  # fmt: skip
    caption, note = WORDS.pair("table.forms", year=str(answer.vintage.gdp)), WORDS("table.forms_note", language)
    return build_table(rows, columns, language, caption, (note,), numbers)


def traits_table(answer: GapAnswer, traits: pd.DataFrame, language: str = "en") -> TableSpec:
    """Means of what the groups consist of, in place and reference.

    Parameters
    ----------
    answer : GapAnswer
    traits : DataFrame
        From ``trait_table``.
    language : str
    """
    digits = [TRAIT_DIGITS.get(trait, 1) for trait in traits["trait"]]

    def means(column: str) -> list[str]:
        return [format_number(value, places) for value, places in zip(traits[column], digits, strict=True)]

    areas = answer.names
    names = {"ruggedness": label_of("ruggedness"), **WORDS.labels("trait")}
    columns = (
        Column(
            "trait",
            ("trait", "特征"),
            source=labelled("trait", names),
        ),
        Column("place", areas["place"], source=lambda *_: means("place")),
        Column("reference", areas["reference"], source=lambda *_: means("reference")),
        Column("difference", ("difference", "差异"), source=lambda *_: means("difference")),
    )
    caption, note = WORDS.pair("table.traits", **areas), WORDS("table.traits_note", language, **_years(answer))
    return build_table(traits, columns, language, caption, (note,))


def orders_table(answer: GapAnswer, language: str = "en") -> TableSpec:
    """Each group's part under every rule of sharing."""
    rules = answer.shares.rules
    values = {rule: [part.contribution for part in rules[Rule(rule)]] for rule in _RULES}
    sums = {rule: format_number(sum(parts), 3) for rule, parts in values.items()}
    frame = pd.DataFrame({rule: [format_number(part, 3) for part in parts] for rule, parts in values.items()})
    frame.insert(0, "part", [label(language, *_PARTS[name]) for name in answer.shares.design.names])
    frame.loc[len(frame)] = {
        "part": WORDS("table.sum", language),
        **{rule: f"({total})" if rule in (Rule.ALONE, Rule.LAST) else total for rule, total in sums.items()},
    }
    columns = (Column("part", _COMPONENT), *(Column(rule, head) for rule, head in _RULES.items()))
    caption, note = WORDS.pair("table.orders", **answer.names), WORDS("table.orders_note", language, **_years(answer))
    estimates = _gap_estimates(answer, [(rule, part) for rule in _RULES for part in rules[Rule(rule)]])
    table = build_table(frame, columns, language, caption, (note,), estimates)
    return replace(table, rules_before=frozenset({len(frame) - 1}))


def designs_table(answer: GapAnswer, designs: pd.DataFrame, language: str = "en") -> TableSpec:
    """Shapley shares under other designs; a group that a design lacks is left empty.

    Parameters
    ----------
    answer : GapAnswer
    designs : DataFrame
        From ``design_table``.
    language : str
    """
    heads, names = WORDS.labels("part_as_head"), WORDS.labels("design")
    shown = [name for name in heads if name in designs.columns and (designs[name].abs() > NOTHING).any()]
    columns = (
        Column("design", ("design", "设定"), source=labelled("key", names)),
        *(Column(name, heads[name], source=printed(name, 3)) for name in shown),
        Column("gap", ("gap", "差距"), source=printed("gap", 3)),
        Column("n", ("counties", "县数")),
    )
    model = f"gap {answer.place.code} against {answer.reference.code}"
    numbers = [
        Quantity(
            answer.shares.design.regression.sample.name, "part of a gap in log GDP per head",
            f"{model}, Shapley, {names[row['key']][0]}", name, float(row[name]), int(row["n"]), str(row["spec_id"]),
        )
        for row in designs.to_dict("records")
        for name in (*shown, "gap")
        if not is_missing(row[name])
    ]  # fmt: skip
    caption, note = WORDS.pair("table.designs", **answer.names), WORDS("table.designs_note", language, **_years(answer))
    return build_table(designs, columns, language, caption, (note,), numbers)


def country_table(answer: GapAnswer, parts: Sequence[GapPart], language: str = "en") -> TableSpec:
    """Shares of the groups in the variance between all counties, under the design of an answer."""
    shares, spec = answer.shares, answer.shares.design.regression
    estimates = [
        EstimateRecord(
            spec.sample.name, spec.outcome.name, "shares of the variance", part.name, 100 * part.contribution, shares.n,
            "", "percent of the variance", 100 * part.se, 100 * part.low, 100 * part.high, clusters=shares.clusters,
            design_id=shares.design.spec_id, method=_drawn_by(spec.covariance.by[0], shares.draws),
        )
        for part in parts
    ]  # fmt: skip
    frame = pd.DataFrame(map(vars, parts))
    frame["interval"] = [format_interval(100 * part.low, 100 * part.high, 1) for part in parts]
    numbers = {name: format_number(getattr(shares, name)) for name in ("n", "clusters", "draws")}
    caption, note = WORDS.pair("table.country", **_years(answer)), WORDS("table.country_note", language, **numbers)
    return build_table(frame, _COUNTRY_COLUMNS, language, caption, (note,), estimates)


def oaxaca_table(results: Mapping[str, OaxacaResult], language: str = "en") -> TableSpec:
    """Explained and unexplained part by reference coefficients, and the threefold parts.

    Parameters
    ----------
    results : mapping of ``row`` and ``cluster`` to a result
        The same decomposition, with counties and with prefectures drawn.
    language : str
    """
    row, cluster = results["row"], results["cluster"]
    parts = [(name, index) for name in WORDS.labels("coefficients") for index in range(len(_parts_of(row, name)))]
    frame = pd.DataFrame(
        {
            "reference": name,
            "part": part.name,
            "contribution": part.contribution,
            "share": 100 * part.contribution / row.gap.contribution,
            "counties": format_interval(part.low, part.high),
            "prefectures": format_interval(other.low, other.high),
        }
        for name, index in parts
        for part, other in [(_parts_of(row, name)[index], _parts_of(cluster, name)[index])]
    )
    estimates = [
        estimate
        for result in (row, cluster)
        for estimate in _mountain_estimates(
            result,
            [
                *((name, part) for name, twofold in result.twofold.items() for part in twofold),
                *((_THREEFOLD, part) for part in result.threefold),
            ],
        )
    ]
    counts = {"listed": str(row.n_first), "others": str(row.n_second), "draws": format_number(row.draws)}
    note = WORDS("table.oaxaca_note", language, **counts)
    table = build_table(frame, _OAXACA_COLUMNS, language, WORDS.pair("table.oaxaca"), (note,), estimates)
    return replace(table, rules_before=frozenset({2, len(frame) - len(row.threefold)}))


def group_estimates(result: OaxacaResult, coefficients: str = MAIN_COEFFICIENTS) -> tuple[EstimateRecord, ...]:
    """The explained part by group, as ``mountain_waterfall`` shows it."""
    return _mountain_estimates(result, [(coefficients, part) for part in result.explained[coefficients]])


_THREEFOLD = "threefold"


def _parts_of(result: OaxacaResult, coefficients: str) -> tuple[GapPart, ...]:
    return result.threefold if coefficients == _THREEFOLD else result.twofold[coefficients]


def _years(answer: GapAnswer) -> dict[str, str]:
    return {"year": str(answer.vintage.gdp)}


def _gap_estimates(answer: GapAnswer, parts: Sequence[tuple[str, GapPart]]) -> tuple[EstimateRecord, ...]:
    """Parts of the gap, each under a rule of sharing."""
    shares = answer.shares
    pair = f"{answer.place.code} against {answer.reference.code}"
    return _part_estimates(
        [(f"gap {pair}, {rule}", part) for rule, part in parts],
        shares.design.regression,
        n=shares.n,
        method=_drawn_by(shares.design.regression.covariance.by[0], shares.draws),
        clusters=shares.clusters,
        design_id=shares.design.spec_id,
    )


def _mountain_estimates(result: OaxacaResult, parts: Sequence[tuple[str, GapPart]]) -> tuple[EstimateRecord, ...]:
    """Parts of the gap of the 26, each under a decomposition."""
    return _part_estimates(
        [(f"26 against the rest, {name}", part) for name, part in parts],
        result.design.shares.regression,
        n=result.n_first + result.n_second,
        method=_drawn_by(result.drawn, result.draws),
        design_id=result.design.shares.spec_id,
    )


def _part_estimates(
    parts: Sequence[tuple[str, GapPart]], spec: RegressionSpec, **fields: object
) -> tuple[EstimateRecord, ...]:
    """Parts of a gap, each with its model, as estimates; parts without any difference have no error and are left out.

    Sample and outcome are those of the regression; other fields of an estimate come by name.
    """
    table = pd.DataFrame([{"model": model, **vars(part)} for model, part in parts])
    table = table[table["se"].gt(0)].rename(columns={"name": "term", "contribution": "estimate"})
    return estimates_of(table, sample=spec.sample.name, outcome=spec.outcome.name, estimand="part of a gap", **fields)


def _drawn_by(unit: str, draws: int) -> str:
    """Name of the bootstrap."""
    return f"bootstrap({unit}, exponential weights, {draws})"
