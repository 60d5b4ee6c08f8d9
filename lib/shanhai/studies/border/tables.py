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
from shanhai.methods.regression.results import FEW_CLUSTERS, FitResult
from shanhai.methods.spec import RegressionSpec
from shanhai.render.errors import error_words
from shanhai.render.numbers import MISSING, format_number
from shanhai.render.style import check_language, label
from shanhai.render.tables import Column, TableSpec, build_table, labelled, p_values, regression_table
from shanhai.render.words import Pair, listed
from shanhai.studies.border.analysis import estimates_frame
from shanhai.studies.border.design import BY_PROVINCE, MODELS
from shanhai.studies.border.mediation import Mediation
from shanhai.studies.border.words import WORDS, failed_checks, outcome_label, sample_label, term_label

Differ = Literal["model", "sample", "outcome"]
"""What the columns of a table differ by."""


def columns_table(results: Sequence[FitResult], by: Differ, language: str = "en", caption: str = "steps") -> TableSpec:
    """Three-line table with one column a regression.

    Parameters
    ----------
    results : sequence of FitResult
        Columns in order.
    by : str
        ``model``, ``sample`` or ``outcome``: what heads the columns; everything else goes to the notes.
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
        language=language,
    )
    return replace(table, estimates=tuple(row for result in results for row in result.records()))


def column_head(result: FitResult, by: Differ, language: str) -> str:
    """Head of the column of a regression, and its name in a figure."""
    if by == "sample":
        return label(language, *sample_label(result))
    if by == "outcome":
        return label(language, *outcome_label(result.spec.outcome.name))
    chinese = {model.label: model.label_zh for model in MODELS.values()}
    return label(language, result.spec.model.replace(" x ", " × "), chinese.get(result.spec.model, result.spec.model))


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
        "outcome_mean": [format_number(result.outcome_mean, 2) for result in results],
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
    silent: Pair = ("", "")
    shared = silent if by == "sample" else WORDS.pair("note.of_sample", sample=sample_label(results[0]))
    lines.append(WORDS("note.unit", language, sample=shared))
    errors = listed(dict.fromkeys(error_words(result.error) for result in results))
    lines.append(WORDS("note.errors", language, errors=errors))
    deviations = [scale.deviation for result in results for scale in result.scales if scale.term == "z_ruggedness"]
    if deviations:
        ends = list(dict.fromkeys(format_number(size, 1) for size in (min(deviations), max(deviations))))
        lines.append(WORDS("note.ruggedness", language, sizes=(" to ".join(ends), "～".join(ends))))
    few = [level for result in results for level in result.clusters if level.count < FEW_CLUSTERS]
    if few:
        counts = dict.fromkeys(WORDS.pair(f"cluster.{level.by}", count=format_number(level.count)) for level in few)
        lines.append(WORDS("note.few_clusters", language, counts=listed(counts, (", ", "、"))))
    if any(result.spec.outcome_controls for result in results):
        lines.append(WORDS("note.outcome_control", language))
    return tuple(lines)


def _samples(rows: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *names) for names in rows[["sample", "sample_translation"]].itertuples(index=False)]


_SAMPLE = Column("sample", ("sample", "样本"), source=_samples)

_BALANCE = (
    _SAMPLE,
    Column(
        "variable",
        ("variable", "变量"),
        source=lambda rows, language: [label(language, *label_of(name)) for name in rows["variable"]],
    ),
    Column("difference", ("border counties minus others", "边界县与非边界县之差"), 1),
    Column("se", ("standard error", "标准误"), 1),
    Column("difference_sd", ("difference in SD", "差异（标准差）"), 2),
    Column("n_border", ("counties on the border", "边界县数")),
    Column("n", ("counties", "县数")),
)

_VALLEYS = (
    _SAMPLE,
    Column("distance_of", ("distance of", "距离起点"), source=labelled("column", WORDS.labels("distance_of"))),
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
    to = "～" if language == "zh" else "–"
    ranges = [
        f"≥ {format_number(low)}" if pd.isna(high) else f"{format_number(low)}{to}{format_number(high)}"
        for low, high in zip(bands["from_km"], bands["to_km"], strict=True)
    ]
    rows = bands.assign(column=bands["band"].str.partition("[")[0], km=ranges)
    outcome, ruggedness = outcome_label(bands["outcome"].iloc[0]), label_of("ruggedness", unit=False)
    errors = listed(error_words(name) for name in dict.fromkeys(bands["vcov"]))
    notes = (WORDS("note.valleys", language, outcome=outcome, ruggedness=ruggedness, errors=errors),)
    shown = bands[~bands["is_reference"]]
    estimates = estimates_of(shown, term=shown["band"], n=shown["n_all"])
    return build_table(rows, _VALLEYS, language, WORDS.pair("caption.valleys"), notes, estimates)


def family_table(family: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``main_family`` returns: estimates with raw and with Holm's p-values."""
    size = int(family["family_size"].iloc[0])
    errors = listed(error_words(name) for name in dict.fromkeys(family["vcov"]))
    notes = (WORDS("note.family", language, size=str(size), errors=errors),)
    estimates = estimates_of(family, p_other=[{f"Holm, family of {size}": p} for p in family["p_holm"]])
    return build_table(family, _FAMILY, language, WORDS.pair("caption.family"), notes, estimates)


def mediation_table(mediations: Sequence[Mediation], language: str = "en") -> TableSpec:
    """Print ``mediate_samples``: what accounts for the border difference, one column for each sample."""
    names = WORDS.labels("mediation")
    rows, records = [], []
    heads = [
        label(language, mediation.upstream.spec.sample.name, mediation.upstream.spec.sample.translation)
        for mediation in mediations
    ]
    for mediation, head in zip(mediations, heads, strict=True):
        for key, (number, spec) in mediation.estimates().items():
            rows.append({"model": head, "term": key, "estimate": number.value, "se": number.se, "p": number.p})
            account = mediation.channels if spec == mediation.channels.spec else mediation.upstream
            records.append(_mediation_record(key, number, spec, account))
    shares = {
        label(language, *names["share.terrain"]): [_share(mediation, mediation.terrain) for mediation in mediations],
        label(language, *names["share.both"]): [_share(mediation, mediation.cut_off) for mediation in mediations],
    }
    accounts = [mediation.upstream for mediation in mediations]
    statistics = {
        WORDS("statistic.outcome_mean", language): [format_number(account.outcome_mean, 2) for account in accounts],
        WORDS("statistic.counties", language): [format_number(account.n) for account in accounts],
        WORDS("statistic.clusters", language): [format_number(account.clusters) for account in accounts],
    }
    table = regression_table(
        pd.DataFrame(rows),
        terms={key: label(language, *names[key]) for key in mediations[0].estimates()},
        models=dict(zip(heads, heads, strict=True)),
        statistics=shares | statistics,
        caption=WORDS("caption.mediation", language),
        notes=_mediation_notes(mediations, language),
        language=language,
    )
    return replace(table, estimates=tuple(records))


def _mediation_notes(mediations: Sequence[Mediation], language: str) -> tuple[str, ...]:
    """Lines below the decomposition: what it is, where its check fails, where prefectures are few."""
    accounts = [mediation.upstream for mediation in mediations]
    by = "province" if any(account.spec.covariance == BY_PROVINCE for account in accounts) else "prefecture"
    notes = WORDS(
        "note.mediation",
        language,
        joint="\n",
        outcome=outcome_label(accounts[0].spec.outcome.name),
        draws=format_number(mediations[0].check_upstream.draws),
        missing=MISSING,
        errors=WORDS.pair(f"note.mediation_errors.{by}"),
        later=listed(
            dict.fromkeys(_twice(format_number(mediation.channels.n)) for mediation in mediations), (", ", "、")
        ),
    )
    failed = [label(language, *note) for mediation in mediations for note in failed_checks(mediation).values()]
    small = [
        _twice(format_number(account.clusters))
        for account in accounts
        if account.spec.covariance != BY_PROVINCE and account.clusters < FEW_CLUSTERS
    ]
    few = [WORDS("note.few_prefectures", language, counts=listed(small, (", ", "、")))] if small else []
    return (*notes.splitlines(), *failed, *few)


def _twice(text: str) -> Pair:
    return text, text


def _mediation_record(key: str, number: Estimate, spec: RegressionSpec, account: CoefficientChange) -> EstimateRecord:
    drawn = number.error.startswith("bootstrap")
    low, high = number.interval()
    return EstimateRecord(
        spec.sample.name, spec.outcome.name, spec.model, f"on_border, {key}", number.value, account.n,
        vcov="" if drawn else number.error, estimand="part of a coefficient", se=number.se, low=low, high=high,
        p=number.p, df=None if drawn else number.df, clusters=account.clusters if drawn else int(number.df) + 1,
        design_id=spec.spec_id,
        method=f"sequential g, {number.error}" if drawn else "change of the coefficient (Gelbach)",
    )  # fmt: skip


def _share(mediation: Mediation, channel: Channel) -> str:
    """Share with its interval, where there is a difference to have shares of."""
    if not mediation.has_shares:
        return MISSING
    low, high = channel.share.interval()
    share, below, above = (format_number(100 * value) for value in (channel.share.value, low, high))
    return f"{share}% [{below}, {above}]"
