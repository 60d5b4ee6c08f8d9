"""Sentences of the policy notebook; every number and every verdict in them follows from the estimates."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shanhai.methods.did import LEAST_PRE, Comparison, Form
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.numbers import format_interval, format_number, format_p_value, format_percent, is_missing
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.policy.analysis import PolicyEstimation, TrendBounds
from shanhai.studies.policy.design import FIRST_PLACEBO, PLAIN, crosses_sensors, design_name, refusals

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of the notebook."""

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

_OUTCOMES = WORDS.labels("outcomes")
_AMOUNTS = WORDS.labels("amounts")
"""Unit after a number in a sentence, by outcome."""

_LEVEL = 0.05
"""Size of the tests that sentences speak of."""


def years_text(values: pd.DataFrame, language: str = "en") -> str:
    """Which policy years leave enough years of light before and after, and how many the others leave.

    Parameters
    ----------
    values : DataFrame
        Light by code and year, as of ``policy_data``.
    """
    found = []
    for year, accepted in refusals(values)[["policy_year", "accepted"]].itertuples(index=False, name=None):
        before = sum(int(other) < year for other in values.columns)
        counts = {"before": str(before), "after": str(len(values.columns) - before), "least": str(LEAST_PRE)}
        key = "accepted" if accepted else "refused"
        found.append(WORDS.pair(f"years.usable.{key}", year=str(year), **counts))
    return paragraph([WORDS.pair("years.all", years=listed(found))], language)


def design_text(estimation: PolicyEstimation, language: str = "en") -> str:
    """Sample, window, and who is left out."""
    design, panel = estimation.design, estimation.panel
    sentences = [
        WORDS.pair(
            "design.groups", name=DESIGNS[design_name(design)], treated=str(int(panel.treated.sum())),
            compared=str(int((~panel.treated).sum())), clusters=str(estimation.study.clusters),
            before=_between(design.pre_years), after=_between(design.post_years),
        )
    ]  # fmt: skip
    listed_ones = panel.left_out["treated"].astype(bool)
    for key, counties in (("unmatched", panel.left_out[listed_ones]), ("dark", panel.left_out[~listed_ones])):
        names = ", ".join(counties["name_en"]), "、".join(counties["name_zh"])
        sentences += [WORDS.pair(f"design.{key}", count=str(len(counties)), names=names)] if len(counties) else []
    if crosses_sensors(design):
        sentences.append(WORDS.pair("design.sensors"))
    return paragraph(sentences, language)


def answer(
    main: PolicyEstimation,
    forms: Mapping[tuple[Comparison, Form], PolicyEstimation],
    reasons: Sequence[str],
    language: str = "en",
) -> str:
    """Whether the design can evaluate the policy; its estimate; what could pass unseen, and what had been seen.

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
    plain, linear = forms[PLAIN], forms[PLAIN[0], "linear"]
    design, paired = main.design, int(main.panel.treated.sum())
    verdict = WORDS.pair(f"answer.verdict.{'cannot' if reasons else 'can'}", year=str(design.policy_year))
    difference = WORDS.pair(
        "answer.plain",
        verdict=verdict,
        before=_between(design.pre_years),
        after=_between(design.post_years),
        outcome=_OUTCOMES[design.outcome],
        none=format_number(plain.estimate, 3, signed=True),
        none_interval=format_interval(plain.wild.low, plain.wild.high),
        unit=_AMOUNTS[design.outcome],
        others=str(int((~plain.panel.treated).sum())),
        turn=WORDS.pair(f"answer.turn.{'form' if 'form' in reasons else 'same'}"),
        linear=format_number(linear.estimate, 3, signed=True),
        linear_interval=format_interval(linear.wild.low, linear.wild.high),
    )
    estimate = WORDS.pair(
        f"answer.main.{'few' if 'few' in reasons else 'enough'}",
        name=DESIGNS[design_name(design)],
        paired=str(paired),
        listed=str(paired + int(main.panel.left_out["treated"].sum())),
        size=_size(main),
        interval=_size_interval(main),
    )
    unseen = [reason for reason in ("trend", "power") if reason in reasons]
    doubt = WORDS.pair(
        f"answer.doubt.{'both' if len(unseen) == 2 else unseen[0] if unseen else 'none'}",
        hidden=format_number(main.trend.hidden_80, 2),
        detectable=format_number(main.detectable, 2),
        unit=_AMOUNTS[design.outcome],
    )
    return paragraph([difference, estimate, doubt], language)


def history_text(main: PolicyEstimation, language: str = "en") -> str:
    """What was fixed before any result, what was changed after a first one, and what was added with results known.

    Parameters
    ----------
    main : PolicyEstimation
        The pre-specified main design.
    language : str
    """
    first, now = FIRST_PLACEBO, main.placebo
    said = WORDS.pair(
        "history",
        first=format_number(first["mean"], 3),
        first_p=format_p_value(first["p"]),
        now=format_number(now.mean, 3),
        now_p=format_p_value(now.p),
    )
    return paragraph([said], language)


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
    said = WORDS.pair(
        "gdp",
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
    return paragraph([said], language)


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
    sentences = [
        WORDS.pair(f"yearly.{power}", others=str(first["others"]), least=format_number(least, 2)),
        *(
            WORDS.pair(
                f"yearly.{'ended' if is_missing(rows['constant', code]['after']) else 'growth'}",
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
        sentences.append(WORDS.pair("yearly.missing", years=(", ".join(missing), "、".join(missing))))
    return paragraph(sentences, language)


def effect_text(estimation: PolicyEstimation, language: str = "en") -> str:
    """The estimate with its interval, and how many tests reject that it is zero."""
    p = {
        "units": estimation.permuted.test.p,
        "prefectures": None if estimation.clusters is None else estimation.clusters.p,
        "wild": estimation.wild.p,
        "placebo": estimation.placebo.p,
    }
    tests = {key: value for key, value in p.items() if value is not None}
    rejecting = sum(value < _LEVEL for value in tests.values())
    verdict = "none" if rejecting == 0 else "all" if rejecting == len(tests) else "some"
    named = [
        WORDS.pair("tests.p", test=WORDS.pair(f"tests.{key}"), p=format_p_value(value)) for key, value in tests.items()
    ]
    change = WORDS.pair(
        "effect.change",
        size=_size(estimation),
        interval=_size_interval(estimation),
        verdict=WORDS.pair(f"effect.{verdict}", tests=str(len(tests)), rejecting=str(rejecting)),
        tests=listed(named),
    )
    return paragraph([change], language)


def trend_text(estimation: PolicyEstimation, language: str = "en") -> str:
    """Whether the groups moved alike before, and what the test could have missed."""
    trend, years = estimation.trend, len(estimation.trend.years)
    said = WORDS.pair(
        "trend.power",
        opening=WORDS.pair(f"trend.{'apart' if trend.p < 2 * _LEVEL else 'alike'}", p=format_p_value(trend.p)),
        changes=WORDS.pair(f"trend.changes.{_number(years)}", count=str(years)),
        hidden=format_number(trend.hidden_50, 2),
        effect=format_number(abs(estimation.estimate), 2),
    )
    return paragraph([said], language)


def bounds_text(bounds: TrendBounds, language: str = "en") -> str:
    """What is left of the effect when trends may differ after the policy as much as before."""
    ends, (line, *_) = bounds.magnitudes.set_index("bound"), bounds.slopes.itertuples(index=False)
    parallel, wide = (format_interval(ends["ci_low"][bound], ends["ci_high"][bound], 2) for bound in (0.0, 1.0))
    changes = len(bounds.differences.pre)
    zero = "inside" if bounds.breakdown == 0 else "outside"
    said = WORDS.pair(
        "bounds.mean",
        reference=str(bounds.reference),
        estimate=format_number(bounds.differences.estimate, 3),
        parallel=parallel,
        wide=wide,
        zero=WORDS.pair(f"bounds.zero.{zero}", limit=format_number(bounds.breakdown, 2)),
        changes=WORDS.pair(f"bounds.changes.{_number(changes)}", count=str(changes)),
        straight=WORDS.pair("bounds.singular")
        if is_missing(line.estimate)
        else f"{format_number(line.estimate, 2)} {format_interval(line.ci_low, line.ci_high, 2)}",
        caveat=WORDS.pair(f"bounds.caveat.{_number(changes)}"),
    )
    return paragraph([said], language)


def prefecture_text(effects: Mapping[str, SdidPlacebo], names: Mapping[str, Pair], language: str = "en") -> str:
    """Synthetic difference-in-differences of each prefecture in a sentence."""
    sentences = [
        WORDS.pair(
            "prefecture",
            name=names[code],
            estimate=format_number(effect.fit.estimate, 3, signed=True),
            se=format_number(effect.se, 3),
            larger=str(int((np.abs(effect.estimates) >= abs(effect.fit.estimate)).sum())),
            count=str(len(effect.placebos)),
            p=format_p_value(effect.p),
            misfit=format_number(effect.fit.rmspe_pre, 2),
        )
        for code, effect in effects.items()
    ]
    return paragraph(sentences, language)


def summary_text(estimations: Mapping[str, PolicyEstimation], language: str = "en") -> str:
    """What all designs together say, in three sentences."""
    logs = [estimation.estimate for estimation in estimations.values() if estimation.design.outcome == "log"]
    units, regions, trends = (
        sum(p < _LEVEL for p in values)
        for values in zip(*((e.permuted.test.p, e.placebo.p, e.trend.p) for e in estimations.values()), strict=True)
    )
    said = WORDS.pair(
        "summary.all",
        verdict=WORDS.pair(f"summary.verdict.{'some' if units or regions else 'none'}"),
        low=format_number(min(logs), 3, signed=True),
        high=format_number(max(logs), 3, signed=True),
        units=str(units),
        regions=str(regions),
        trends=str(trends),
        count=str(len(estimations)),
    )
    return paragraph([said], language)


def _between(years: Sequence[int]) -> Pair:
    """First and last of some years, each language with its dash."""
    first, last = years[0], years[-1]
    return (str(first), str(first)) if first == last else (f"{first}–{last}", f"{first}—{last}")


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
