"""Claims that the bundled tables cannot decide, each with what would be needed."""

from dataclasses import dataclass

from shanhai.claims.verdicts import Verdict


@dataclass(frozen=True)
class _Undecided:
    """A claim that the bundled data cannot decide, and why."""

    verdict: Verdict
    note: str


def _needs(what: str) -> _Undecided:
    return _Undecided(Verdict.UNTESTABLE, f"Would need {what}.")


UNDECIDED: dict[str, _Undecided] = {
    "Q09": _Undecided(
        Verdict.UNDERSPECIFIED,
        "The sentence has no subject: all counties but Kaihua lie 'below the province' in a measure that is not named. "
        "It stands between output per worker and value added per mu; the name of the measure would be needed.",
    ),
    "P06": _Undecided(
        Verdict.UNDERSPECIFIED,
        "The note names five of the nine headline indicators and none of the twelve by type, so that neither number "
        "can be counted; the plan itself (2021) would be needed.",
    ),
    "Q10": _needs("value added per mu of above-scale industry by county, 2022 (Zhejiang's mu-benefit evaluation)"),
    "Q16": _needs(
        "R&D expenditure of the eleven prefectures in 2021 (Zhejiang's statistical bulletin on science and technology)"
    ),
    "Q20": _needs(
        "the register of low-income rural households of Quzhou, 2020 (Bureau of Agriculture and Rural Affairs)"
    ),
    "Q21": _needs("operating income of each village collective of Quzhou, 2022"),
    "M06": _needs("high-tech value added of above-scale industry in each of the 26 counties, 2020"),
    "M07": _needs("tourism value added of each of the 26 counties, 2020"),
    "M08": _needs("a dated list of high-speed railway stations and motorway junctions by county, 2021"),
    "M09": _needs("the province's record of Mountain-Sea projects signed in 2020 and the investment made"),
    "M10": _needs("the province's record of the 27 joint parks and their investment up to 2020"),
    "M12": _needs("the number of farmers relocated in 2020 by the provincial programme"),
    "M13": _needs("shares of patients treated inside their county for each of the 26, 2020 (Health Commission)"),
    "M18": _needs(
        "disposable income of urban and rural households by county up to 2025; the plan (P05) states the same"
    ),
    "M19": _needs("tourism output and visitors of each of the 26 counties up to 2025"),
    "M20": _needs("rural disposable income of the 26 counties and of Zhejiang, 2020 to 2025"),
    "M21": _needs("incomes of low-income households of Zhejiang, 2020 to 2025"),
    "M22": _needs("yearly collaboration projects and investment up to 2025"),
    "M23": _needs(
        "the province's list of the fifty strong counties and their partners; the papers name only six pairs"
    ),
    "M25": _needs("visitors and tourism income of Taishun in the first halves of 2020 and 2021"),
    "M26": _needs("tourism value added, budget revenue and household incomes of Taishun for 2025"),
    "M30": _needs("port throughput of Longyou in 2020 and its list of projects"),
    "M39": _needs("GDP of the first halves of 2020 and 2021 for each of the 26 counties"),
    "M40": _needs("industrial value added of the first halves of 2020 and 2021 for each of the 26 counties"),
    "M43": _needs("output of the toy cluster of Yongjia in 2020"),
    "M44": _needs("electricity generated in Cangnan up to 2030"),
    "M45": _needs("above-scale industrial output and R&D expenditure of Wuyi in the first halves of 2020 and 2021"),
    "M46": _needs("industrial output, tax per mu and R&D expenditure of Songyang for 2025"),
    "M47": _needs("forest loans and the households that took them in Longquan up to 2021"),
    "P03": _needs("budget revenue of each of the 26 counties from 2020 to 2025, with residents"),
    "P05": _needs(
        "disposable income of urban and rural households by county up to 2025; the magazine (M18) states the same"
    ),
}
"""Claims without a test, by id."""
