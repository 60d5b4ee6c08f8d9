"""What the maps of notebook 02 tell apart: the classes of the 26, and border by mountain."""

from shanhai.core.fields import label_of
from shanhai.render.maps.topics import Category, Kinds, Outline
from shanhai.render.words import Words

WORDS = Words.beside(__file__)

# Okabe and Ito's colours, which all kinds of colour vision tell apart; here with different lightness for grey print.
_LEAPFROG, _ECOLOGICAL, _BOTH, _OTHER = "#e69f00", "#56b4e9", "#8c3b00", "#f7f7f2"
_KEY_HATCH = "....."

MOUNTAIN_OUTLINE = Outline("is_mountain_26", *label_of("is_mountain_26"))


def _kinds(group: str, colours: dict[str, str]) -> Kinds:
    """A column of kinds with the words of a group; kinds with key assistance are dotted."""
    names = WORDS.labels(f"kinds.{group}")
    categories = (
        Category(value, *names[value], colour, _KEY_HATCH if value.endswith("-key") else "")
        for value, colour in colours.items()
    )
    return Kinds(f"{group}_kind", *names["title"], tuple(categories), ("plan", "boundaries"))


MOUNTAIN_KINDS = _kinds(
    "mountain",
    {
        "leapfrog": _LEAPFROG,
        "leapfrog-key": _LEAPFROG,
        "ecological": _ECOLOGICAL,
        "ecological-key": _ECOLOGICAL,
        "other": _OTHER,
    },
)

BORDER_KINDS = _kinds("border", {"both": _BOTH, "mountain": _LEAPFROG, "border": _ECOLOGICAL, "neither": _OTHER})
