"""Tables of notebook 03: regressions side by side, balance, valleys, the family of tests."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import pandas as pd

from shanhai.core.errors import ReportError
from shanhai.core.fields import label_of
from shanhai.methods.decomposition import Channel, CoefficientChange
from shanhai.methods.estimate import Estimate
from shanhai.methods.records import EstimateRecord, estimates_of
from shanhai.methods.regression.fit import FEW_CLUSTERS
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec
from shanhai.render.numbers import MISSING, STARS_NOTE, format_number
from shanhai.render.style import check_language, label
from shanhai.render.tables import Column, TableSpec, build_table, labelled, p_values, regression_table
from shanhai.studies.border.analysis import estimates_frame
from shanhai.studies.border.design import BY_PROVINCE, MODELS
from shanhai.studies.border.mediation import Mediation
from shanhai.studies.border.words import WORDS, failed_checks, outcome_label, sample_label, term_label

Differ = Literal["model", "sample", "outcome", "vcov"]
"""What the columns of a table differ by."""


def columns_table(results: Sequence[FitResult], by: Differ, language: str = "en", caption: str = "steps") -> TableSpec:
    """Three-line table with one column a regression.

    Parameters
    ----------
    results : sequence of FitResult
        Columns in order.
    by : str
        ``model``, ``sample``, ``outcome`` or ``vcov``: what heads the columns; everything else goes to the notes.
    language : str
    caption : str
        Key of a caption in ``words.toml``.

    Returns
    -------
    TableSpec
        For ``publish_table``.

    Raises
    ------
    ReportError
        If two columns have the same head, or ``by`` is unknown.
    """
    check_language(language)
    heads = [column_head(result, by, language) for result in results]
    if by not in get_args(Differ) or len(set(heads)) != len(heads):
        raise ReportError(
            f"Columns by {by!r} have the heads {heads}; allowed: {', '.join(get_args(Differ))} that tells all apart."
        )
    tables = [estimates_frame([result]).assign(model=head) for result, head in zip(results, heads, strict=True)]
    table = regression_table(
        pd.concat(tables, ignore_index=True),
        terms={name: _marked(name, results, language) for name in _all_terms(results)},
        models=dict(zip(heads, heads, strict=True)),
        statistics=_statistics(results, language),
        caption=WORDS(f"caption.{caption}", language),
        notes=_notes(results, by, language),
    )
    return replace(table, estimates=tuple(row for result in results for row in result.records()))


def column_head(result: FitResult, by: Differ, language: str) -> str:
    """Head of the column of a regression, and its name in a figure."""
    if by == "sample":
        return label(language, *sample_label(result))
    if by == "outcome":
        return label(language, *outcome_label(result.spec.outcome.name))
    if by == "vcov":
        return result.vcov
    chinese = {model.label: model.label_zh for model in MODELS.values()}
    return label(language, result.spec.model, chinese.get(result.spec.model, result.spec.model))


def _all_terms(results: Sequence[FitResult]) -> list[str]:
    """Coefficients of all regressions: those they are about first, then controls, in order of appearance."""
    about = [name for result in results for name in result.spec.term_names if name in result.names]
    return list(dict.fromkeys([*about, *(name for result in results for name in result.names)]))


def _marked(name: str, results: Sequence[FitResult], language: str) -> str:
    """Printed name of a coefficient, marked where it is a control that is itself an outcome."""
    mark = "†" if any(name in result.spec.outcome_controls for result in results) else ""
    return label(language, *term_label(name)) + mark


def _statistics(results: Sequence[FitResult], language: str) -> dict[str, list[str]]:
    """Rows below the coefficients."""
    rows = {
        "counties": [format_number(result.n) for result in results],
        "dropped": [format_number(sum(drop.count for drop in result.dropped_rows)) for result in results],
        "clusters": [
            " × ".join(format_number(level.count) for level in result.clusters) or MISSING for result in results
        ],
        "fixed_effects": [
            format_number(result.absorbed) if result.spec.fixed_effects else MISSING for result in results
        ],
        "r2_within": [format_number(result.r2_within, 3) for result in results],
        "r2": [format_number(result.r2, 3) for result in results],
    }
    return {WORDS(f"statistic.{key}", language): values for key, values in rows.items()}


def _notes(results: Sequence[FitResult], by: Differ, language: str) -> tuple[str, ...]:
    """Lines below the table: what all columns share, units, few clusters, outcomes among the controls."""
    lines = []
    if by != "outcome":
        lines.append(WORDS("note.outcome", language, outcome=outcome_label(results[0].spec.outcome.name)))
    if by != "sample":
        lines.append(WORDS("note.sample", language, sample=sample_label(results[0])))
    if by == "vcov":
        lines.append(WORDS("note.errors_as_headed", language))
    else:
        lines.append(WORDS("note.errors", language, errors=", ".join(dict.fromkeys(each.vcov for each in results))))
    deviations = [scale.deviation for result in results for scale in result.scales if scale.term == "z_ruggedness"]
    if deviations:
        sizes = dict.fromkeys(format_number(size, 1) for size in (min(deviations), max(deviations)))
        lines.append(WORDS("note.ruggedness", language, sizes=" – ".join(sizes)))
    few = [level for result in results for level in result.clusters if level.count < FEW_CLUSTERS]
    if few:
        counts = dict.fromkeys(f"{level.count} ({level.by.removesuffix('_code')})" for level in few)
        lines.append(WORDS("note.few_clusters", language, counts=", ".join(counts)))
    if any(result.spec.outcome_controls for result in results):
        lines.append(WORDS("note.outcome_control", language))
    return (*lines, *_stars(language))


def _stars(language: str) -> tuple[str, ...]:
    """What stars mean, in each language asked for."""
    return tuple(STARS_NOTE[key] for key in (("en", "zh") if language == "both" else (language,)))


def _samples(rows: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *names) for names in rows[["sample", "sample_zh"]].itertuples(index=False)]


_SAMPLE = Column("sample", ("sample", "样本"), source=_samples)

_BALANCE = (
    _SAMPLE,
    Column(
        "variable",
        ("variable", "变量"),
        source=lambda rows, language: [label(language, *label_of(name)) for name in rows["variable"]],
    ),
    Column("difference", ("border minus interior", "边界县减非边界县"), 1),
    Column("se", ("standard error (HC3)", "标准误（HC3）"), 1),
    Column("difference_sd", ("in SD", "标准化差异"), 2),
    Column("n_border", ("on a border", "省际边界县数")),
    Column("n", ("counties", "县数")),
)

_VALLEYS = (
    _SAMPLE,
    Column("distance_of", ("distance of the", "距离起点"), source=labelled("column", WORDS.labels("distance_of"))),
    Column("km", ("km", "千米")),
    Column("estimate", ("difference", "差异"), 3),
    Column("se", ("standard error", "标准误"), 3),
    Column("p", ("p", "p值"), source=p_values("p")),
    Column("n", ("counties", "县数")),
)

_FAMILY = (
    _SAMPLE,
    Column(
        "outcome",
        ("outcome", "被解释变量"),
        source=lambda rows, language: [label(language, *outcome_label(name)) for name in rows["outcome"]],
    ),
    Column(
        "term",
        ("term", "变量"),
        source=lambda rows, language: [label(language, *term_label(name)) for name in rows["term"]],
    ),
    Column("estimate", ("estimate", "估计值"), 3),
    Column("se", ("standard error", "标准误"), 3),
    Column("p", ("p", "p值"), source=p_values("p")),
    Column("p_holm", ("p (Holm)", "Holm校正p值"), source=p_values("p_holm")),
)


def balance_table(balance: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``border_balance`` returns: difference of border and interior counties within provinces."""
    estimates = estimates_of(
        balance,
        outcome=balance["variable"],
        model="balance within provinces",
        term="on_border",
        estimate=balance["difference"],
        estimand="difference",
        vcov="HC3",
    )
    notes = (WORDS("note.balance", language),)
    return build_table(balance, _BALANCE, language, WORDS.pair("caption.balance"), notes, estimates)


def valley_table(bands: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``valleys`` returns: one row a sample and band, the reference band at zero."""
    ranges = [
        f"≥ {format_number(low)}" if pd.isna(high) else f"{format_number(low)}–{format_number(high)}"
        for low, high in zip(bands["from_km"], bands["to_km"], strict=True)
    ]
    rows = bands.assign(column=bands["band"].str.partition("[")[0], km=ranges)
    outcome, ruggedness = outcome_label(bands["outcome"].iloc[0]), label_of("ruggedness", unit=False)
    notes = (WORDS("note.valleys", language, outcome=outcome, ruggedness=ruggedness),)
    shown = bands[~bands["is_reference"]]
    estimates = estimates_of(shown, term=shown["band"], n=shown["n_all"])
    return build_table(rows, _VALLEYS, language, WORDS.pair("caption.valleys"), notes, estimates)


def family_table(family: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``main_family`` returns: estimates with raw and with Holm's p-values."""
    size = int(family["family_size"].iloc[0])
    notes = (WORDS("note.family", language, size=str(size)),)
    estimates = estimates_of(family, p_other=[{f"Holm, family of {size}": p} for p in family["p_holm"]])
    return build_table(family, _FAMILY, language, WORDS.pair("caption.family"), notes, estimates)


def mediation_table(mediations: Sequence[Mediation], language: str = "en") -> TableSpec:
    """Print ``mediate_samples``: what the border's difference goes with, one column a sample."""
    names = WORDS.labels("mediation")
    rows, records = [], []
    heads = [label(language, one.upstream.spec.sample.name, one.upstream.spec.sample.label_zh) for one in mediations]
    for one, head in zip(mediations, heads, strict=True):
        for key, (number, spec) in one.estimates().items():
            rows.append({"model": head, "term": key, "estimate": number.value, "se": number.se, "p": number.p})
            account = one.channels if spec == one.channels.spec else one.upstream
            records.append(_mediation_record(key, number, spec, account))
    shares = {
        label(language, *names[f"share.{key}"]): [_share(one, channel) for one, channel in pairs]
        for key, pairs in (
            ("terrain", [(one, one.terrain) for one in mediations]),
            ("both", [(one, one.cut_off) for one in mediations]),
        )
    }
    counties = {
        WORDS("statistic.counties", language): [format_number(one.upstream.n) for one in mediations],
        WORDS("statistic.clusters", language): [format_number(one.upstream.clusters) for one in mediations],
    }
    draws = format_number(mediations[0].check_upstream.draws)
    by = "province" if any(one.upstream.spec.covariance == BY_PROVINCE for one in mediations) else "prefecture"
    notes = WORDS(
        "note.mediation",
        language,
        joint="\n",
        draws=draws,
        missing=MISSING,
        errors=WORDS.pair(f"note.mediation_errors.{by}"),
        later=", ".join(format_number(one.channels.n) for one in mediations),
    )
    failed = [label(language, *note) for one in mediations for note in failed_checks(one).values()]
    prefectures = [one.upstream for one in mediations if one.upstream.spec.covariance != BY_PROVINCE]
    small = [format_number(one.clusters) for one in prefectures if one.clusters < FEW_CLUSTERS]
    few = [WORDS("note.few_prefectures", language, counts=", ".join(small))] if small else []
    table = regression_table(
        pd.DataFrame(rows),
        terms={key: label(language, *names[key]) for key in mediations[0].estimates()},
        models=dict(zip(heads, heads, strict=True)),
        statistics=shares | counties,
        caption=WORDS("caption.mediation", language),
        notes=(*notes.splitlines(), *failed, *few, *_stars(language)),
    )
    return replace(table, estimates=tuple(records))


def _mediation_record(key: str, number: Estimate, spec: RegressionSpec, one: CoefficientChange) -> EstimateRecord:
    drawn = number.error.startswith("bootstrap")
    low, high = number.interval()
    return EstimateRecord(
        spec.sample.name, spec.outcome.name, spec.model, f"on_border, {key}", number.value, one.n,
        vcov="" if drawn else number.error, estimand="part of a coefficient", se=number.se, low=low, high=high,
        p=number.p, df=None if drawn else number.df, clusters=one.clusters if drawn else int(number.df) + 1,
        design_id=spec.spec_id,
        method=f"sequential g, {number.error}" if drawn else "change of the coefficient (Gelbach)",
    )  # fmt: skip


def _share(one: Mediation, channel: Channel) -> str:
    """Share with its interval, where there is a difference to have shares of."""
    if not one.has_shares:
        return MISSING
    low, high = channel.share.interval()
    share, below, above = (format_number(100 * value) for value in (channel.share.value, low, high))
    return f"{share}% [{below}, {above}]"
