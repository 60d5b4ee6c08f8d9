"""All written corrections of the project, in the order in which they are applied."""

from shanhai.data.rules import Rule

RULES: tuple[Rule, ...] = ()
