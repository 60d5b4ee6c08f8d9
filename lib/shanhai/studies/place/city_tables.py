"""Tables and charts of the city report."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from shanhai.claims.engine import Finding, findings_frame
from shanhai.claims.verdicts import Verdict
from shanhai.methods.decomposition.gap import GapAccount, GapPart
from shanhai.methods.records import EstimateRecord
from shanhai.render.charts.estimates import coefficient_plot
from shanhai.render.maps.topics import Outline
from shanhai.render.numbers import format_interval, format_number
from shanhai.render.style import label
from shanhai.render.tables import TableSpec
from shanhai.studies.gap.worth import parts_that_differ
from shanhai.studies.place.charts import ProfileRow, profile_plot
from shanhai.studies.place.city import City, ProfileLine
from shanhai.studies.place.prose import PART_NAMES, VERDICT_NAMES

COUNTY_HEADS = {
    "code": ("code", "代码", 0),
    "name_en": ("county", "英文名", 0),
    "name_zh": ("中文", "县级单位", 0),
    "type": ("type of the 26", "26县类型", 0),
    "on_border": ("on border", "省界县", 0),
    "relief_m": ("relief, m", "起伏（米）", 0),
    "gdp_per_capita_2021": ("GDP per head 2021, yuan", "人均GDP 2021（元）", 0),
    "population_2020": ("residents 2020", "常住人口2020", 0),
    "urban_share_2020": ("urban 2020, %", "城镇化率2020（%）", 1),
    "share_60_plus_2020": ("aged 60+ 2020, %", "60岁以上2020（%）", 1),
}
"""Head in English and Chinese, and decimals, of each column of the table of counties."""

TYPES = {"leapfrog": ("leapfrog", "跨越发展类"), "ecological": ("ecological", "生态发展类"), "": ("", "")}


def profile_table(subject: City, profile: Sequence[ProfileLine], language: str = "en") -> TableSpec:
    """Indicators of city, province and country side by side."""
    rows = [
        [
            label(language, line.indicator.en, line.indicator.zh),
            label(language, line.indicator.unit_en, line.indicator.unit_zh),
            *(format_number(value, line.indicator.digits) for value in (line.place, line.province, line.country)),
        ]
        for line in profile
    ]
    heads = [label(language, "indicator", "指标"), label(language, "unit", "单位"), *_names(subject, language)]
    columns = ["indicator", "unit", "place", "province", "country"]
    notes = (
        label(
            language,
            "GDP per head: GDP of 2021 over residents of the 2020 census; country: prefectures with GDP.",
            "人均GDP：2021年GDP除以2020年普查常住人口；全国为有GDP数据的地市合计。",
        ),
    )
    return TableSpec(pd.DataFrame(rows, columns=columns), notes=notes, headers=dict(zip(columns, heads, strict=True)))


def profile_chart(subject: City, profile: Sequence[ProfileLine], language: str = "en") -> Figure:
    """The profile as strips: city, province and country, with the province's other prefectures as ticks."""
    rows = [
        ProfileRow(
            en=line.indicator.en,
            zh=line.indicator.zh,
            unit_en=line.indicator.unit_en,
            unit_zh=line.indicator.unit_zh,
            digits=line.indicator.digits,
            place=line.place,
            province=line.province,
            country=line.country,
            others=line.others,
        )
        for line in profile
    ]
    return profile_plot(rows, _names(subject, language), language=language)


def counties_table(counties: pd.DataFrame, language: str = "en") -> TableSpec:
    """Counties of a city, the richest first; missing figures are shown as such."""
    frame = counties.assign(type=[label(language, *TYPES[str(kind)]) for kind in counties["type"]])
    heads = {column: label(language, english, chinese) for column, (english, chinese, _) in COUNTY_HEADS.items()}
    digits = {column: COUNTY_HEADS[column][2] for column in frame.columns}
    return TableSpec(frame, digits=digits, headers=heads)


def gap_table(subject: City, account: GapAccount, language: str = "en") -> TableSpec:
    """Parts of the gap of a city in log points with intervals and as shares of the gap."""
    rows = [
        [
            label(language, *PART_NAMES[part.name]),
            format_number(part.contribution, 3),
            format_interval(part.low, part.high),
            format_number(100 * part.contribution / account.gap, 0),
        ]
        for part in parts_that_differ(account)
    ]
    rows.append([label(language, "gap", "差距合计"), format_number(account.gap, 3), "", "100"])
    heads = {
        "part": label(language, "goes with", "对应于"),
        "points": label(language, "log points", "对数点"),
        "interval": label(language, "95 % interval", "95%区间"),
        "share": label(language, "% of gap", "占差距%"),
    }
    return TableSpec(
        pd.DataFrame(rows, columns=list(heads)),
        headers=heads,
        rules_before=frozenset({len(rows) - 1}),
        estimates=gap_estimates(subject.place.code, subject.reference, account, account.parts),
    )


def gap_estimates(
    place: str, reference: str, account: GapAccount, parts: Sequence[GapPart]
) -> tuple[EstimateRecord, ...]:
    """Parts of the gap of two places under the regression of an account; parts without any difference are left out.

    Parameters
    ----------
    place, reference : str
        Codes.
    account : GapAccount
    parts : sequence of GapPart
        Of the account, or sums of its parts.
    """
    return tuple(
        EstimateRecord(
            account.spec.sample.name, account.spec.outcome.name,
            f"gap {place} against {reference}, {account.spec.model}", part.name, part.contribution, account.n,
            account.spec.covariance.label, "part of a gap", part.se, part.low, part.high, df=account.df,
            clusters=account.clusters, design_id=account.spec.spec_id,
        )
        for part in parts
        if part.se > 0
    )  # fmt: skip


def gap_chart(account: GapAccount, language: str = "en") -> Figure:
    """Parts of a gap with their intervals."""
    parts = account.to_frame().rename(columns={"contribution": "estimate", "part": "term"}).assign(model="gap")
    terms = {part.name: label(language, *PART_NAMES[part.name]) for part in parts_that_differ(account)}
    axis = ("log points of GDP per head, place minus reference", "人均GDP对数差（本地减参照）")
    return coefficient_plot(
        parts,
        terms=terms,
        models={"gap": label(language, "part of the gap", "差距的组成部分")},
        language=language,
        outcome=axis,
    )


def claims_table(findings: Sequence[Finding], language: str = "en") -> TableSpec:
    """Claims with what was computed and the verdict; basis and note stay in ``findings.json``."""
    frame = findings_frame(findings)[["id", "indicator", "claimed", "computed", "verdict"]]
    verdicts = [label(language, *VERDICT_NAMES[Verdict(verdict)]) for verdict in frame["verdict"]]
    heads = {
        "id": label(language, "claim", "编号"),
        "indicator": label(language, "indicator", "指标"),
        "claimed": label(language, "claimed", "论文所述"),
        "computed": label(language, "computed", "计算结果"),
        "verdict": label(language, "verdict", "结论"),
    }
    return TableSpec(frame.assign(verdict=verdicts), headers=heads)


def city_outline(subject: City) -> Outline:
    """The city's counties with a heavy outline; needs the column ``in_city``."""
    return Outline("in_city", subject.place.name_en, subject.place.name_zh)


def _names(subject: City, language: str) -> tuple[str, str, str]:
    return (
        label(language, subject.place.short_en, subject.place.short_zh),
        label(language, subject.province.short_en, subject.province.short_zh),
        label(language, "China", "全国"),
    )
