"""What pairs, the register and the censuses show, in sentences that follow the numbers."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from shanhai.methods.estimate import LEVEL, SIGNIFICANCE
from shanhai.render.numbers import format_number, format_p_value, format_percent
from shanhai.render.words import Pair, Words, paragraph

WORDS = Words.beside(__file__)
"""Words of this study."""

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 10."""


def answer(tests: pd.DataFrame, pairs: pd.DataFrame, language: str = "en") -> str:
    """Whether named pairs differ from drawn ones, in the main comparison too, and what so few pairs can reveal.

    Parameters
    ----------
    tests : DataFrame
        From ``tests_frame``.
    pairs : DataFrame
        From ``pair_table``.
    language : str
    """
    rows = _of_the_province(tests)
    distance, income, light = (rows[name] for name in ("distance_km", "gap_2021", "light_change_late"))
    sentences = [
        WORDS.pair(
            "answer.pairs",
            pairs=str(len(pairs)),
            small=_counted(int((tests["p_holm"] < SIGNIFICANCE).sum())),
            tests=str(len(tests)),
            least=format_p_value(tests["p_holm"].min()),
        ),
        WORDS.pair(
            "answer.light",
            km=format_number(distance["observed"]),
            drawn_km=format_number(distance["expected"]),
            p_km=format_p_value(distance["p"]),
            rich=format_number(np.exp(income["observed"]), 2),
            drawn_rich=format_number(np.exp(income["expected"]), 2),
            p_rich=format_p_value(income["p"]),
            change=format_percent(100 * np.expm1(light["observed"]), 0, signed=True),
            drawn=format_percent(100 * np.expm1(light["expected"]), 0, signed=True),
            p=format_p_value(light["p"]),
        ),
        WORDS.pair(
            "answer.power",
            km=format_number(distance["detectable"]),
            income=format_percent(100 * np.expm1(income["detectable"]), 0),
            light=format_percent(100 * np.expm1(light["detectable"]), 0),
        ),
    ]
    return paragraph(sentences, language)


def _counted(small: int) -> Pair:
    return WORDS.pair("answer.some", small=str(small)) if small else WORDS.pair("answer.none")


def _of_the_province(tests: pd.DataFrame) -> dict[str, dict[Hashable, Any]]:
    """Tests against partners drawn from the whole province, by outcome."""
    return {row["outcome"]: row for row in tests.to_dict("records") if row["null"] == "province"}


def cities_power_text(helper: pd.DataFrame, helped: pd.DataFrame, language: str = "en") -> str:
    """Smallest p that a rank among so few possible partners can have.

    Parameters
    ----------
    helper, helped : of :func:`shanhai.studies.pairing.cities.city_ranks`.
    language : str
    """
    counts = [int(table["among"].max()) for table in (helper, helped)]
    least = [2 / count for count in counts]
    return WORDS(
        f"text.cities_power.{'blind' if min(least) >= 1 - LEVEL else 'sees'}",
        language,
        joint="\n\n",
        first=str(counts[0]),
        second=str(counts[1]),
        least=format_number(least[0], 2),
        other=format_number(least[1], 2),
    )


def cities_text(ranks: pd.DataFrame, ratios: pd.DataFrame, first: int, language: str = "en") -> str:
    """How Jinhua stands among the prefectures of Zhejiang as a partner of Bazhong, and when the gap changed.

    Parameters
    ----------
    ranks : of :func:`shanhai.studies.pairing.cities.city_ranks` with Bazhong as the place.
    ratios : of :func:`shanhai.studies.pairing.cities.yearly_ratio`.
    first : year in which the pair began.
    language : str
    """
    rows = {row["outcome"]: row for row in ranks.to_dict("records")}
    near, fall = rows["distance_km"], rows["gap_change"]
    gdp = ratios.set_index("year")["gdp"]
    years = [int(gdp.index.min()), 2011, int(gdp.index.max()) - 1, int(gdp.index.max())]
    by_year = [WORDS.pair("text.ratio", value=format_number(gdp[year], 1), year=str(year)) for year in years]
    change, by_gdp = float(fall["value"]), float(np.log(gdp[years[-1]] / gdp[2011]))
    return WORDS(
        "text.cities",
        language,
        joint="\n\n",
        km=format_number(near["value"]),
        near=str(near["rank"]),
        among=str(fall["among"]),
        then=format_number(np.exp(rows["gap_2011"]["value"]), 1),
        now=format_number(np.exp(rows["gap_2021"]["value"]), 1),
        fall=str(fall["rank"]),
        p=format_p_value(fall["p"]),
        first=str(first),
        ratios=(
            ", ".join(english for english, _ in by_year),
            "，".join(chinese for _, chinese in by_year),
        ),
        change=format_number(change, 2, signed=True),
        gdp=format_number(by_gdp, 2, signed=True),
        residents=format_number(change - by_gdp, 2, signed=True),
    )


def people_text(years: pd.DataFrame, carried: tuple[float, int, int], claimed: float, language: str = "en") -> str:
    """The difference of registered and resident population against the claim, and what it contains.

    Parameters
    ----------
    years : of :func:`shanhai.studies.pairing.emigration.registered_less_resident`.
    carried : of :func:`shanhai.studies.pairing.emigration.carried_registered` for 2020.
    claimed : people working elsewhere by the paper.
    language : str
    """
    rows = {row["source"]: row for row in years.to_dict("records")}
    mixed, high = rows["mixed"], float(rows["mixed"]["difference"])
    low = carried[0] - float(mixed["residents"])
    inside = min(low, high) <= claimed <= max(low, high)
    return WORDS(
        "people.text",
        language,
        joint="\n\n",
        at_2010=format_number(rows["census"]["difference"]),
        year=str(mixed["registered_year"]),
        high=format_number(high),
        share=format_percent(100 * high / mixed["registered"], 0),
        counties=str(carried[2]),
        until=str(carried[1]),
        low=format_number(low),
        claimed=format_number(claimed),
        fit=WORDS("people.inside" if inside else "people.outside", language),
    )


def twelve_thousand_text(
    claimed: float, elsewhere: float, arrived: float, expected: float, residents: float, language: str = "en"
) -> str:
    """How large the people of Bazhong in Jinhua are against those who left, against arrivals, and against chance.

    Parameters
    ----------
    claimed : people of Bazhong working in Jinhua by the paper.
    elsewhere : people of Bazhong working elsewhere by the paper.
    arrived, residents : residents of Jinhua registered in another province, and all its residents (2020 census).
    expected : of :func:`shanhai.studies.pairing.emigration.expected_in`, if all who work elsewhere had left their
        province.
    language : str
    """
    return WORDS(
        "people.twelve_thousand",
        language,
        joint="\n\n",
        claimed=format_number(claimed),
        of_left=format_percent(100 * claimed / elsewhere),
        of_arrived=format_percent(100 * claimed / arrived, 2),
        of_residents=format_percent(100 * claimed / residents, 2),
        elsewhere=format_number(elsewhere),
        expected=format_number(expected),
        share=format_percent(100 * claimed / expected, 0),
    )


def cohorts_text(cohorts: pd.DataFrame, language: str = "en") -> str:
    """Which ages were gone after ten years, of :func:`shanhai.studies.pairing.emigration.cohort_losses`."""
    worst = cohorts.sort_values("share").iloc[-1]
    total = cohorts[["residents_2010", "lost"]].sum()
    age = int(worst["age_2010"])
    return WORDS(
        "people.cohorts",
        language,
        joint="\n\n",
        lost=format_number(total["lost"]),
        share=format_percent(100 * total["lost"] / total["residents_2010"], 0),
        age=str(age),
        last=str(age + 4),
        worst=format_percent(worst["share"], 0),
    )
