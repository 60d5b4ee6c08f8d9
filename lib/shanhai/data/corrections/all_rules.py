"""All written corrections of the project, in the order in which they are applied."""

from shanhai.data.corrections import _census as clean_census
from shanhai.data.corrections import _displaced as clean_displaced
from shanhai.data.corrections import _economy as clean_economy
from shanhai.data.corrections import _investment as clean_investment
from shanhai.data.rules import Rule

RULES: tuple[Rule, ...] = (
    *clean_census.RULES,
    *clean_economy.RULES,
    *clean_displaced.RULES,
    *clean_investment.RULES,
)
