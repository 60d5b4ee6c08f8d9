"""Words of the border regressions, which stand in ``words.toml``: names of terms and outcomes, and the sentences."""

from math import expm1

import pandas as pd

from shanhai.core.errors import ReportError, SpecificationError
from shanhai.core.fields import label_of, terrain_grid
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.results import FitResult
from shanhai.render.numbers import format_interval, format_number, format_p_value, format_percent
from shanhai.render.style import label
from shanhai.render.words import Pair, Words
from shanhai.studies.border.analysis import border_differences, border_step
from shanhai.studies.border.mediation import Mediation

WORDS = Words.beside(__file__)


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
    return result.spec.sample.name, result.spec.sample.label_zh


def main_sentences(result: FitResult, language: str = "en") -> str:
    """What a regression with border, ruggedness and their product says, every number computed.

    Differences of logarithms are given in percent; intervals are of 95 %.

    Raises
    ------
    ReportError
        If the regression has other terms.
    """
    names = ("on_border", "z_ruggedness", "on_border:z_ruggedness")
    if result.spec.term_names != names:
        raise ReportError(
            f"Sentences are about the terms {', '.join(names)}, not {', '.join(result.spec.term_names)}; pass the "
            "model 'main', 'geography', 'outcomes' or 'weighted'."
        )
    clusters = [
        WORDS.pair(f"sentence.clusters.{level.by}", count=format_number(level.count)) for level in result.clusters
    ]
    mean, terrain, rugged = border_differences(result)
    return WORDS(
        "sentence.main",
        language,
        joint="\n",
        sample=sample_label(result),
        outcome=outcome_label(result.spec.outcome.name),
        counties=format_number(result.n),
        clusters=("".join(english for english, _ in clusters), "".join(chinese for _, chinese in clusters)),
        mean=_amount(result, mean),
        terrain=_amount(result, terrain),
        rugged=_amount(result, rugged),
        p=format_p_value(result.p[result.position("on_border:z_ruggedness")]),
    )


def dual_sentence(result: FitResult, language: str = "en") -> str:
    """Whether the border difference changes with ruggedness, the dual attribute: shown, or open within an interval.

    Parameters
    ----------
    result : FitResult
        Of border, ruggedness and their product.
    """
    mean, _, rugged = border_differences(result)
    change = result.estimate("on_border:z_ruggedness")
    low, high = change.interval()
    reading = "open" if low <= 0 <= high else "lower" if high < 0 else "higher"
    return WORDS(
        "sentence.dual",
        language,
        joint="\n",
        sample=sample_label(result),
        mean=_amount(result, mean),
        rugged=_amount(result, rugged),
        p=format_p_value(change.p),
        reading=WORDS.pair(f"sentence.dual_{reading}", change=_amount(result, change)),
    )


def mediation_sentence(mediation: Mediation, language: str = "en") -> str:
    """How much of the border difference goes with terrain and distance, and whether the check by sequential g fails."""
    account = mediation.upstream
    terrain, distance = account.channels
    failed = failed_checks(mediation)
    both, share = mediation.cut_off, mediation.cut_off.share
    silent: Pair = ("", "")
    shares = [format_percent(100 * value) for value in (share.value, *share.interval())]
    percent = dict(zip(("percent", "low", "high"), shares, strict=True))
    numbers = {"both": both.part, "terrain": terrain.part, "distance": distance.part, "left": account.left}
    shown = {name: format_number(one.value, 3) for name, one in numbers.items()}
    intervals = {f"{name}_interval": format_interval(*one.interval(), 3) for name, one in numbers.items()}
    return WORDS(
        "sentence.mediation",
        language,
        joint="\n",
        sample=(account.spec.sample.name, account.spec.sample.label_zh),
        whole=format_number(account.whole.value, 3),
        share=WORDS.pair("sentence.mediated_share", **percent) if mediation.has_shares else silent,
        check=_spaced(failed["main"]) if "main" in failed else silent,
        **shown,
        **intervals,
    )


def failed_checks(mediation: Mediation) -> dict[str, Pair]:
    """For each account whose check by sequential g fails, that it does, with both numbers."""
    spec = mediation.upstream.spec
    return {
        key: WORDS.pair(
            "note.mediation_check",
            sample=(spec.sample.name, spec.sample.label_zh),
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


def step_sentence(result: FitResult, language: str = "en") -> str:
    """How the first band of distance differs from the second: whether the valley has a step at the border itself.

    Raises
    ------
    ReportError
        If the regression has no two estimated bands.
    """
    step = border_step(result)
    if step is None:
        raise ReportError(
            f"Model {result.spec.model!r} has no two estimated bands; pass a regression with distance bands that hold "
            "counties."
        )
    first, second, difference = step
    return WORDS(
        "sentence.step",
        language,
        joint="\n",
        sample=sample_label(result),
        first=term_label(first),
        second=term_label(second),
        amount=_amount(result, difference),
        p=format_p_value(difference.p),
    )


def _amount(result: FitResult, difference: Estimate) -> str:
    """A difference with its interval, in percent for an outcome in logarithms, else in its unit."""
    values = (difference.value, *difference.interval())
    if result.spec.outcome.transform == "log":
        shown = [format_percent(100 * expm1(value), signed=True) for value in values]
    else:
        shown = [format_number(value, 2, signed=True) for value in values]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def width_sentence(frame: pd.DataFrame, language: str = "en") -> str:
    """How wide counties are beside bands of distance: the side of a square of their median area."""
    side = format_number(float(frame["area_km2"].median()) ** 0.5)
    return WORDS("sentence.width", language, joint="\n", side=side)


def family_sentence(family: pd.DataFrame, level: float = 0.05, language: str = "en") -> str:
    """How many tests of the family stay below a level, raw and after Holm, term by term."""
    return "\n".join(
        WORDS(
            "sentence.family",
            language,
            joint="\n",
            term=term_label(str(term)),
            raw=str(int((rows["p"] < level).sum())),
            adjusted=str(int((rows["p_holm"] < level).sum())),
            size=str(len(rows)),
            level=format_number(level, 2),
        )
        for term, rows in family.groupby("term", sort=False)
    )


def year_note(vintage: Vintage) -> Pair:
    """That the year of GDP is not the one fixed beforehand, for every study with such a design; empty where it is."""
    if vintage.gdp == PRE_SPECIFIED.gdp:
        return "", ""
    years = {"year": vintage.gdp, "census": vintage.census, "fixed": PRE_SPECIFIED.gdp}
    return WORDS.pair("sentence.year", **{name: str(year) for name, year in years.items()})


def year_sentences(vintage: Vintage, language: str = "en") -> tuple[str, ...]:
    """The note on the year as lines to print: one, or none where the year is the pre-specified one."""
    return (label(language, *note, joint="\n"),) if any(note := year_note(vintage)) else ()


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
    return WORDS("sentence.coarseness", language, joint="\n", grid=terrain_grid(), **numbers, **errors)
