"""The samples of the border regressions."""

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec import SampleSpec

ZHEJIANG = SampleSpec("Zhejiang", "浙江", ("330000",))
"""The province of the 26 mountain counties."""

FOUR_PROVINCES = SampleSpec("Four provinces around Quzhou", "四省边际", ("330000", "340000", "350000", "360000"))
"""Zhejiang, Anhui, Fujian and Jiangxi, which meet at Quzhou."""

SICHUAN_NEIGHBOURS = SampleSpec(
    "Sichuan with its neighbours",
    "四川及其邻省",
    ("500000", "510000", "520000", "530000", "540000", "610000", "620000", "630000"),
)
"""Sichuan, where Bazhong lies, and the seven units that border it: Chongqing, Guizhou, Yunnan, Tibet, Shaanxi,
Gansu and Qinghai."""

CHINA = SampleSpec("China", "全国")
"""All mainland counties with figures."""

SAMPLES: dict[str, SampleSpec] = {
    "zhejiang": ZHEJIANG,
    "four_provinces": FOUR_PROVINCES,
    "sichuan_neighbours": SICHUAN_NEIGHBOURS,
    "china": CHINA,
}
"""Registered samples by the key that notebooks take as a parameter."""


def sample(key: str) -> SampleSpec:
    """A registered sample by its key.

    Raises
    ------
    SpecificationError
        If no sample has that key.
    """
    if key not in SAMPLES:
        raise SpecificationError(
            f"no sample {key!r}; allowed: {', '.join(SAMPLES)}. For another one, make a SampleSpec with its provinces."
        )
    return SAMPLES[key]
