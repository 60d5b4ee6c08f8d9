"""All written corrections of the project, in the order in which they are applied."""

from shanhai.data import clean_census, clean_displaced, clean_economy, clean_investment
from shanhai.data.rules import Rule

RULES: tuple[Rule, ...] = (
    *clean_census.RULES,
    *clean_economy.RULES,
    *clean_displaced.RULES,
    *clean_investment.RULES,
)
