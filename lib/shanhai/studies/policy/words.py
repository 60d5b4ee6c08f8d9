"""Sentences of the policy notebook; every number and every verdict in them follows from the estimates."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shanhai.methods.did import LEAST_PRE, Comparison, Form
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.numbers import format_interval, format_number, format_p_value, format_percent
from shanhai.render.style import label
from shanhai.render.words import Pair, Words
from shanhai.studies.policy.analysis import PolicyEstimation, TrendBounds
from shanhai.studies.policy.design import FIRST_PLACEBO, PLAIN, crosses_sensors, design_name, refusals

WORDS = Words.beside(__file__)

DESIGNS = WORDS.labels("designs")
"""Designs by key."""

UNITS = WORDS.labels("units")
"""Unit of an effect by outcome."""

FORMS = WORDS.labels("forms")
"""What is held fixed, by form."""

COMPARISONS = WORDS.labels("comparisons")
"""Comparisons by key."""

CHANGES = WORDS.labels("changes")
"""Changes of GDP by key, in the order of the table."""

PRICES = WORDS.labels("prices")
"""Price bases by key."""

_LEVEL = 0.05
"""Size of the tests that sentences speak of."""


def refused_text(values: pd.DataFrame, language: str = "en") -> str:
    """Which policy years leave enough years of light before and after, and how many the others leave.

    Parameters
    ----------
    values : DataFrame
        Light by code and year, as of ``policy_data``.
    """
    lines = []
    for year, accepted in refusals(values)[["policy_year", "accepted"]].itertuples(index=False, name=None):
        before = sum(int(other) < year for other in values.columns)
        counts = {"before": str(before), "after": str(len(values.columns) - before), "least": str(LEAST_PRE)}
        key = "accepted" if accepted else "refused"
        lines.append(_line(f"refused.{key}", language, year=str(year), **counts))
    return "\n".join(lines)


def design_text(estimation: PolicyEstimation, language: str = "en") -> str:
    """Estimand, sample, window, and who is left out."""
    design, panel = estimation.design, estimation.panel
    before, after = (f"{years[0]}–{years[-1]}" for years in (design.pre_years, design.post_years))
    lines = [
        _line(
            "design.groups", language, name=DESIGNS[design_name(design)], treated=str(int(panel.treated.sum())),
            compared=str(int((~panel.treated).sum())), clusters=str(estimation.study.clusters), before=before,
            after=after,
        )
    ]  # fmt: skip
    listed = panel.left_out["treated"].astype(bool)
    for key, counties in (("unmatched", panel.left_out[listed]), ("dark", panel.left_out[~listed])):
        names = ", ".join(counties["name_en"]), "、".join(counties["name_zh"])
        lines += [_line(f"design.{key}", language, count=str(len(counties)), names=names)] if len(counties) else []
    if crosses_sensors(design):
        lines.append(_line("design.sensors", language))
    return "\n".join(lines)


def answer(
    main: PolicyEstimation,
    forms: Mapping[tuple[Comparison, Form], PolicyEstimation],
    reasons: Sequence[str],
    language: str = "en",
) -> str:
    """Whether the design can evaluate the policy, and why not; then its estimate.

    Parameters
    ----------
    main : PolicyEstimation
        The design that comes first.
    forms : mapping of (comparison, form) to estimation
        Of ``estimate_forms``.
    reasons : sequence of str
        Of ``cannot_evaluate``; none if the design can.
    language : str
    """
    same = {form: each.estimate for (who, form), each in forms.items() if who == PLAIN[0]}
    plain = forms[PLAIN]
    paired = int(main.panel.treated.sum())
    values: dict[str, str | Pair] = {
        **{form: format_number(estimate, 3, signed=True) for form, estimate in same.items()},
        "unit": UNITS[main.design.outcome],
        "treated": str(int(plain.panel.treated.sum())),
        "others": str(int((~plain.panel.treated).sum())),
        "paired": str(paired),
        "listed": str(paired + int(main.panel.left_out["treated"].sum())),
        "hidden": format_number(main.trend.hidden_80, 2),
        "detectable": format_number(main.detectable, 2),
        "size": _size(main),
        "interval": _size_interval(main),
        "name": DESIGNS[design_name(main.design)],
    }
    given = [WORDS.pair(f"answer.{reason}", **values) for reason in reasons]
    why = "; ".join(en for en, _ in given), "；".join(zh for _, zh in given)
    parts = ["cannot" if reasons else "can", "plain", *(["why"] if reasons else []), "main"]
    said = [WORDS.pair(f"answer.{part}", **values, reasons=why) for part in parts]
    return label(language, " ".join(en for en, _ in said), "".join(zh for _, zh in said), joint="\n")


def history_text(main: PolicyEstimation, language: str = "en") -> str:
    """What was fixed before any result, what was changed after a first one, and what was added with results known.

    Parameters
    ----------
    main : PolicyEstimation
        The pre-specified main design.
    language : str
    """
    first, now = FIRST_PLACEBO, main.placebo
    return _line(
        "history",
        language,
        first=format_number(first["mean"], 3),
        first_p=format_p_value(first["p"]),
        now=format_number(now.mean, 3),
        now_p=format_p_value(now.p),
    )


def gdp_text(effects: pd.DataFrame, without: pd.DataFrame, language: str = "en") -> str:
    """Growth of GDP in the plain difference, what the test could have found, and who lies apart.

    Parameters
    ----------
    effects, without : DataFrame
        Of ``gdp_effects`` and ``gdp_data``.
    language : str
    """
    rows = {row["change"]: row for row in effects[effects["form"].eq(PLAIN[1])].to_dict("records")}
    across, difference = rows["across"], rows["difference"]
    span = effects.loc[effects["change"].eq("difference"), "estimate"]
    return _line(
        "gdp",
        language,
        treated=str(across["n_treated"]),
        others=str(across["n_comparison"]),
        names=(", ".join(without["name_en"]), "、".join(without["name_zh"])),
        detectable=format_number(across["detectable"], 2),
        apart=str(across["apart"]),
        before=format_number(rows["before"]["estimate"], 3, signed=True),
        across=format_number(across["estimate"], 3, signed=True),
        interval=format_interval(across["low"], across["high"], 2),
        difference=format_number(difference["estimate"], 3, signed=True),
        wide=format_interval(difference["low"], difference["high"], 2),
        low=format_number(span.min(), 3, signed=True),
        high=format_number(span.max(), 3, signed=True),
        verdict=WORDS.pair(f"gdp_verdict.{'turns' if span.min() < 0 < span.max() else 'holds'}"),
    )


def yearly_text(yearly: pd.DataFrame, names: Mapping[str, Pair], language: str = "en") -> str:
    """Growth of whole prefectures less that of the rest of the province; what the rank can show comes first.

    Parameters
    ----------
    yearly : DataFrame
        Of ``before_and_after``.
    names : mapping of code to (English, Chinese) name
    language : str
    """
    rows = {(row["prices"], row["code"]): row for row in yearly.to_dict("records")}
    first = yearly.iloc[0]
    least = 1 / (1 + first["others"])
    power = "blind" if least >= _LEVEL else "sees"
    missing = first["missing"].split(";") if first["missing"] else []
    lines = [
        _line(f"yearly.{power}", language, others=str(first["others"]), least=format_number(least, 2)),
        *(
            _line(
                "yearly.growth",
                language,
                name=names[code],
                before=format_number(rows["constant", code]["before"], 2, signed=True),
                recent=format_number(rows["constant", code]["recent"], 2, signed=True),
                after=format_number(rows["constant", code]["after"], 2, signed=True),
                current=format_number(rows["current", code]["before"], 2, signed=True),
                current_after=format_number(rows["current", code]["after"], 2, signed=True),
                p=format_p_value(rows["constant", code]["p"]),
            )
            for code in dict.fromkeys(yearly["code"])
        ),
    ]
    if missing:
        lines.append(_line("yearly.missing", language, years=(", ".join(missing), "、".join(missing))))
    return "\n".join(lines)


def effect_text(estimation: PolicyEstimation, language: str = "en") -> str:
    """The effect with its interval, and which tests tell it from none."""
    p = {
        "units": estimation.permuted.test.p,
        "prefectures": None if estimation.clusters is None else estimation.clusters.p,
        "wild": estimation.wild.p,
        "placebo": estimation.placebo.p,
    }
    tests = {WORDS.pair(f"tests.{key}"): value for key, value in p.items() if value is not None}
    rejecting = sum(value < _LEVEL for value in tests.values())
    verdict = "none" if rejecting == 0 else "all" if rejecting == len(tests) else "some"
    english, chinese = (
        mark.join(f"{names[side]} p {format_p_value(value)}" for names, value in tests.items())
        for side, mark in ((0, "; "), (1, "；"))
    )
    return _line(
        "effect.change",
        language,
        size=_size(estimation),
        interval=_size_interval(estimation),
        verdict=WORDS.pair(f"effect.{verdict}", tests=str(len(tests)), rejecting=str(rejecting)),
        tests=(english, chinese),
    )


def trend_text(estimation: PolicyEstimation, language: str = "en") -> str:
    """Whether the groups moved alike before, and what the test could have missed."""
    trend, years = estimation.trend, len(estimation.trend.years)
    return _line(
        "trend.power",
        language,
        opening=WORDS.pair(f"trend.{'apart' if trend.p < 2 * _LEVEL else 'alike'}", p=format_p_value(trend.p)),
        changes=WORDS.pair(f"trend.changes.{_number(years)}", count=str(years)),
        hidden=format_number(trend.hidden_50, 2),
        effect=format_number(abs(estimation.estimate), 2),
    )


def bounds_text(bounds: TrendBounds, language: str = "en") -> str:
    """What is left of the effect when trends may differ after the policy as much as before."""
    ends, (line, *_) = bounds.magnitudes.set_index("bound"), bounds.slopes.itertuples(index=False)
    parallel, wide = (format_interval(ends["ci_low"][bound], ends["ci_high"][bound], 2) for bound in (0.0, 1.0))
    changes = len(bounds.differences.pre)
    zero = "inside" if bounds.breakdown == 0 else "outside"
    return _line(
        "bounds.mean",
        language,
        reference=str(bounds.reference),
        estimate=format_number(bounds.differences.estimate, 3),
        parallel=parallel,
        wide=wide,
        zero=WORDS.pair(f"bounds.zero.{zero}", limit=format_number(bounds.breakdown, 2)),
        changes=WORDS.pair(f"bounds.changes.{_number(changes)}", count=str(changes)),
        straight=f"{format_number(line.estimate, 2)} {format_interval(line.ci_low, line.ci_high, 2)}",
        caveat=WORDS.pair(f"bounds.caveat.{_number(changes)}"),
    )


def selection_text(estimations: Mapping[str, PolicyEstimation], language: str = "en") -> str:
    """What the design shows where no policy was, by comparison."""
    shown = ("main", "chosen", "home", "neighbours", "all")
    lines = []
    for name, each in ((name, each) for name, each in estimations.items() if name in shown):
        placebo, low, high = each.placebo, *each.placebo.interval
        mean, net, estimate = (
            format_number(value, 3, signed=True) for value in (placebo.mean, placebo.net, each.estimate)
        )
        lines.append(
            _line(
                "selection", language, name=DESIGNS[name], mean=mean, count=str(len(placebo.region_means)),
                middle=format_interval(low, high, 2), estimate=estimate, net=net, p=format_p_value(placebo.p),
            )
        )  # fmt: skip
    return "\n".join(lines)


def prefecture_text(effects: Mapping[str, SdidPlacebo], names: Mapping[str, Pair], language: str = "en") -> str:
    """Synthetic difference-in-differences of each prefecture in a sentence."""
    return "\n".join(
        _line(
            "prefecture",
            language,
            name=names[code],
            estimate=format_number(each.fit.estimate, 3, signed=True),
            larger=str(int((np.abs(each.estimates) >= abs(each.fit.estimate)).sum())),
            count=str(len(each.placebos)),
            p=format_p_value(each.p),
            misfit=format_number(each.fit.rmspe_pre, 2),
        )
        for code, each in effects.items()
    )


def summary_text(estimations: Mapping[str, PolicyEstimation], language: str = "en") -> str:
    """What all designs together say, in three sentences."""
    logs = [each.estimate for each in estimations.values() if each.design.outcome == "log"]
    units, regions, trends = (
        sum(p < _LEVEL for p in values)
        for values in zip(*((e.permuted.test.p, e.placebo.p, e.trend.p) for e in estimations.values()), strict=True)
    )
    return _line(
        "summary.all",
        language,
        verdict=WORDS.pair(f"summary.verdict.{'some' if units or regions else 'none'}"),
        low=format_number(min(logs), 3, signed=True),
        high=format_number(max(logs), 3, signed=True),
        units=str(units),
        regions=str(regions),
        trends=str(trends),
        count=str(len(estimations)),
        span=_size_interval(next(iter(estimations.values()))),
    )


def _line(key: str, language: str, **values: str | Pair) -> str:
    """A sentence; in both languages the Chinese one stands on a line of its own."""
    return WORDS(key, language, joint="\n", **values)


def _number(count: int) -> str:
    return "one" if count == 1 else "many"


def _size(estimation: PolicyEstimation) -> Pair:
    """The effect in words: percent for logarithms, its unit otherwise."""
    if estimation.design.outcome == "log":
        percent = format_percent(100 * np.expm1(estimation.estimate), signed=True)
        return percent, percent
    number, (unit, unit_zh) = format_number(estimation.estimate, 2, signed=True), UNITS[estimation.design.outcome]
    return f"{number} {unit}", f"{number}{unit_zh}"


def _size_interval(estimation: PolicyEstimation) -> str:
    low, high = estimation.wild.low, estimation.wild.high
    if estimation.design.outcome == "log" and np.isfinite([low, high]).all():
        return format_interval(100 * np.expm1(low), 100 * np.expm1(high), 1) + "%"
    return format_interval(low, high, 2)
