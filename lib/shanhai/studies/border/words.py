"""Words of the border regressions, from ``words.toml`` and ``notebook.toml``: names of terms, outcomes, sentences."""

from collections.abc import Mapping, Sequence
from math import expm1

import pandas as pd

from shanhai.core.errors import ReportError, SpecificationError
from shanhai.core.fields import label_of, terrain_grid
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.methods.estimate import SIGNIFICANCE, Estimate
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec
from shanhai.render.errors import plain_error_words
from shanhai.render.numbers import format_interval, format_number, format_percent, state_p_value
from shanhai.render.words import Pair, Words, paragraph
from shanhai.studies.border.analysis import border_differences, border_step
from shanhai.studies.border.design import SAMPLES
from shanhai.studies.border.mediation import Mediation

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 03."""

_DUAL_TERMS = ("on_border", "z_ruggedness", "on_border:z_ruggedness")


def term_label(name: str) -> Pair:
    """English and Chinese name of a coefficient; bands of distance are named by their kilometres.

    Raises
    ------
    SpecificationError
        If it is no column with a label and no product or band of the design.
    """
    column, bracket, rest = name.partition("[")
    if bracket and f"band.{column}" in WORDS.entries:
        low, high = rest.rstrip(")").split(",")
        return WORDS.pair(f"band.{column}", low=low, high=high)
    if f"term.{name}" in WORDS.entries:
        return WORDS.pair(f"term.{name}", grid=terrain_grid())
    try:
        return label_of(name, year=False)
    except SpecificationError as error:
        raise SpecificationError(
            f"no label for coefficient {name!r}; allowed: {', '.join(WORDS.labels('term'))}, columns with a label in "
            "data/frame_dictionary.csv, and bands of distance. Pass labels of your own to the table."
        ) from error


def outcome_label(name: str) -> Pair:
    """English and Chinese name of an outcome with its year and unit; one that no dictionary names stays as it is.

    Examples
    --------
    >>> outcome_label("log_gdp_per_capita_2021")[0]
    'log GDP per head 2021 (yuan)'
    """
    try:
        return label_of(name)
    except SpecificationError:
        return name, name


def sample_label(result: FitResult) -> Pair:
    """English and Chinese name of the sample."""
    return result.spec.sample.name, result.spec.sample.translation


def place_words(spec: RegressionSpec) -> Pair:
    """Name of a sample of the design inside a sentence, that of the sample itself for any other.

    Examples
    --------
    >>> from shanhai.studies.border.design import main_spec
    >>> place_words(main_spec())[0]
    'China'
    """
    key = next((key for key, sample in SAMPLES.items() if sample == spec.sample), None)
    return WORDS.pair(f"place.{key}") if key else (spec.sample.name, spec.sample.translation)


def outcome_words(spec: RegressionSpec) -> tuple[Pair, str]:
    """Name of an outcome of the design inside a sentence, and its year.

    Examples
    --------
    >>> from shanhai.studies.border.design import main_spec
    >>> outcome, year = outcome_words(main_spec())
    >>> outcome[0], year
    ('GDP per head', '2021')
    """
    stem, _, year = spec.outcome.column.rpartition("_")
    return WORDS.pair(f"outcome.{stem}"), year


def border_answer(result: FitResult, mediation: Mediation, language: str = "en") -> str:
    """What the main specification says of border, terrain and both, and what decides whether borders matter.

    Differences of logarithms are given in percent; intervals are of 95 %.

    Parameters
    ----------
    result : FitResult
        Main specification of one of ``SAMPLES``.
    mediation : Mediation
        Of the same sample; said where the outcome is GDP per head, which it takes apart.
    language : str

    Raises
    ------
    ReportError
        If the regression has other terms.
    """
    if result.spec.term_names != _DUAL_TERMS:
        raise ReportError(
            f"The answer is about the terms {', '.join(_DUAL_TERMS)}, not {', '.join(result.spec.term_names)}; pass a "
            "model with border, ruggedness and their product, such as 'main'."
        )
    outcome, year = outcome_words(result.spec)
    border, terrain, _ = border_differences(result)
    change = result.estimate(_DUAL_TERMS[2])
    main = WORDS.pair(
        "answer.main",
        place=place_words(result.spec),
        year=year,
        outcome=outcome,
        border=_side(result, border.value),
        interval=_interval(result, border),
        errors=plain_error_words(result.error),
        open=WORDS.pair("answer.open") if border.p >= SIGNIFICANCE else ("", ""),
    )
    both = f"answer.both.{'open' if change.p >= SIGNIFICANCE else 'varies'}"
    terrain_words: dict[str, str | Pair] = {
        "terrain": _amount(result, terrain),
        "both": WORDS.pair(both, change=_amount(result, change)),
    }
    missing = format_number(sum(drop.count for drop in result.dropped_rows))
    second = _terrain(result, mediation, terrain_words)
    return paragraph([main, second, WORDS.pair("answer.doubt", missing=missing)], language)


def _terrain(result: FitResult, mediation: Mediation, words: Mapping[str, str | Pair]) -> Pair:
    """Terrain and its product with the border; with the decomposition, where the outcome is the one taken apart."""
    if result.spec.outcome.name != mediation.upstream.spec.outcome.name:
        return WORDS.pair("answer.terrain_alone", **words)
    return WORDS.pair(
        "answer.terrain",
        **words,
        whole=format_number(mediation.upstream.whole.value, 3),
        parts=_with_interval(mediation.cut_off.part),
        check=WORDS.pair("answer.check") if "main" in mediation.failed_checks else ("", ""),
    )


def _with_interval(number: Estimate) -> str:
    return f"{format_number(number.value, 3)} {format_interval(*number.interval(), 3)}"


def _side(result: FitResult, difference: float) -> Pair:
    """How much lower or higher, in percent or in the unit of the outcome."""
    side = "lower" if difference < 0 else "higher"
    if result.spec.outcome.transform == "log":
        size: str | Pair = format_percent(abs(100 * expm1(difference)))
    else:
        stem = result.spec.outcome.column.rpartition("_")[0]
        size = WORDS.pair(f"unit.{stem}", n=format_number(abs(difference), 2))
    return WORDS.pair(f"answer.side.{side}", amount=size)


def dual_sentences(results: Sequence[FitResult], language: str = "en") -> str:
    """The border difference at average and at rugged terrain, and its change, by sample.

    Parameters
    ----------
    results : sequence of FitResult
        Of border, ruggedness and their product.
    language : str
    """
    return _bullets([_dual(result) for result in results], language)


def _dual(result: FitResult) -> Pair:
    mean, _, rugged = border_differences(result)
    change = result.estimate(_DUAL_TERMS[2])
    return WORDS.pair(
        "sentence.dual",
        sample=sample_label(result),
        mean=_amount(result, mean),
        rugged=_amount(result, rugged),
        change=_amount(result, change),
        p=state_p_value(change.p),
    )


def _bullets(lines: Sequence[Pair], language: str) -> str:
    """Lines of a Markdown list, the English list before the Chinese where both are asked for."""
    english, chinese = ("\n".join(f"- {line[side]}" for line in lines) for side in (0, 1))
    return paragraph([(english, chinese)], language)


def mediation_sentence(mediation: Mediation, language: str = "en") -> str:
    """What terrain and distance account for of the border difference, and whether the check by sequential g fails."""
    account = mediation.upstream
    terrain, distance = account.channels
    failed = failed_checks(mediation)
    both, share = mediation.cut_off, mediation.cut_off.share
    silent: Pair = ("", "")
    shares = [format_percent(100 * value) for value in (share.value, *share.interval())]
    percent = dict(zip(("percent", "low", "high"), shares, strict=True))
    numbers = {"both": both.part, "terrain": terrain.part, "distance": distance.part, "left": account.left}
    shown = {name: format_number(number.value, 3) for name, number in numbers.items()}
    intervals = {f"{name}_interval": format_interval(*number.interval(), 3) for name, number in numbers.items()}
    sentence = WORDS.pair(
        "sentence.mediation",
        sample=(account.spec.sample.name, account.spec.sample.translation),
        whole=format_number(account.whole.value, 3),
        share=WORDS.pair("sentence.mediated_share", **percent) if mediation.has_shares else silent,
        check=_spaced(failed["main"]) if "main" in failed else silent,
        **shown,
        **intervals,
    )
    return paragraph([sentence], language)


def failed_checks(mediation: Mediation) -> dict[str, Pair]:
    """For each account whose check by sequential g fails, that it does, with both numbers."""
    spec = mediation.upstream.spec
    return {
        key: WORDS.pair(
            "note.mediation_check",
            sample=(spec.sample.name, spec.sample.translation),
            status=WORDS.pair(f"note.mediation_status.{key}"),
            part=format_number(part.value, 3),
            checked=format_number(checked.value, 3),
            problem=WORDS.pair(f"note.mediation_problem.{'sign' if part.value * checked.value < 0 else 'zero'}"),
            se=format_number(checked.se, 3),
        )
        for key, (part, checked) in mediation.failed_checks.items()
    }


def _spaced(pair: Pair) -> Pair:
    return f" {pair[0]}", pair[1]


def step_sentences(results: Sequence[FitResult], language: str = "en") -> str:
    """How the first band of distance differs from the second, by sample: whether there is a step at the border itself.

    Raises
    ------
    ReportError
        If a regression has no two estimated bands.
    """
    return _bullets([_step(result) for result in results], language)


def _step(result: FitResult) -> Pair:
    step = border_step(result)
    if step is None:
        raise ReportError(
            f"Model {result.spec.model!r} has no two estimated bands; pass a regression with distance bands that hold "
            "counties."
        )
    first, second, difference = step
    return WORDS.pair(
        "sentence.step",
        sample=sample_label(result),
        first=term_label(first),
        second=term_label(second),
        amount=_amount(result, difference),
        p=state_p_value(difference.p),
    )


def _amount(result: FitResult, difference: Estimate) -> str:
    """A difference with its interval, in percent for an outcome in logarithms, else in its unit."""
    return f"{_signed(result, difference.value)} {_interval(result, difference)}"


def _interval(result: FitResult, difference: Estimate) -> str:
    low, high = (_signed(result, value) for value in difference.interval())
    return f"[{low}, {high}]"


def _signed(result: FitResult, value: float) -> str:
    if result.spec.outcome.transform == "log":
        return format_percent(100 * expm1(value), signed=True)
    return format_number(value, 2, signed=True)


def county_width(frame: pd.DataFrame) -> str:
    """Side in km of a square of the median area of counties, to set beside bands of distance."""
    return format_number(float(frame["area_km2"].median()) ** 0.5)


def family_sentences(family: pd.DataFrame, level: float = 0.05, language: str = "en") -> str:
    """How many tests of the family stay below a level, raw and after Holm, term by term."""
    sentences = [
        WORDS.pair(
            "sentence.family",
            term=term_label(str(term)),
            raw=str(int((rows["p"] < level).sum())),
            adjusted=str(int((rows["p_holm"] < level).sum())),
            size=str(len(rows)),
            level=format_number(level, 2),
        )
        for term, rows in family.groupby("term", sort=False)
    ]
    return _bullets(sentences, language)


def stored_sentence(regressions: int, estimates: int, vintage: Vintage, language: str = "en") -> str:
    """How many regressions stand behind the tables, and whether their year is the pre-specified one."""
    counts = {"regressions": format_number(regressions), "estimates": format_number(estimates)}
    return paragraph([WORDS.pair("sentence.stored", **counts), year_note(vintage)], language)


def year_note(vintage: Vintage) -> Pair:
    """That the year of GDP is not the one fixed beforehand, for every study with such a design; empty where it is."""
    if vintage.gdp == PRE_SPECIFIED.gdp:
        return "", ""
    years = {"year": vintage.gdp, "census": vintage.census, "fixed": PRE_SPECIFIED.gdp}
    return WORDS.pair("sentence.year", **{name: str(year) for name, year in years.items()})


def coarseness_sentence(simulated: pd.DataFrame, language: str = "en") -> str:
    """What a coarse grid leaves of a known effect of ruggedness, on simulated ground.

    Parameters
    ----------
    simulated : DataFrame
        From ``coarseness``: rows same, mixed and short.
    language : str
    """
    rows = simulated.set_index("texture")
    numbers = {
        f"{name}_{texture}": format_percent(100 * rows.loc[texture, column], 0)
        for name, column in (
            ("deviation", "per_sd"),
            ("metre", "per_metre"),
            ("border", "border"),
            ("relief", "relief"),
        )
        for texture in rows.index
    }
    errors = {f"{name}_error": format_percent(100 * rows[f"{name}_error"].max(), 0) for name in ("per_sd", "border")}
    return paragraph([WORDS.pair("sentence.coarseness", grid=terrain_grid(), **numbers, **errors)], language)
