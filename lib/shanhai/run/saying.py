"""Commands that speak the user's language: what they say and what they refuse, in English or Chinese."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

from shanhai.core.errors import ShanhaiError
from shanhai.core.locales import language_of


def add_language(command: argparse.ArgumentParser) -> None:
    """Let a command be told its language."""
    command.add_argument(
        "--language", choices=["en", "zh"], help="of what is said (default: that of your system, as the locale says)"
    )


Room = Literal["intake", "run"]
"""A room whose ``messages.toml`` has the forms of messages."""


@contextmanager
def saying(language: str | None, room: Room) -> Iterator[Callable[[str], str]]:
    """What puts messages into the user's language; errors raised within are put into it, too.

    Parameters
    ----------
    language : str, optional
        Chinese for ``zh``, English for any other; if not given, that of the system.
    room : str
    """
    say = saying_in(language, room)
    try:
        yield say
    except ShanhaiError as error:
        sys.stdout.flush()
        raise type(error)(say(str(error))) from error


def saying_in(language: str | None, room: Room) -> Callable[[str], str]:
    """What puts messages into a language, or into that of the system: see :func:`saying`."""
    if (language or language_of()) != "zh":
        return str
    if room == "intake":  # forms take long to import; English needs none of them
        from shanhai.intake.problems import MESSAGES
    else:
        from shanhai.run.progress import MESSAGES
    return partial(MESSAGES, language="zh")
