"""Names of files in an archive or a list of checksums, refused if a file system could read them as another place."""

import re
from collections import Counter
from collections.abc import Iterable

from shanhai.core.errors import PackageError
from shanhai.core.manifest import folded

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_LONGEST_STEP, _LONGEST_NAME = 255, 1000
"""Bytes of a step of a name and of all of it, as common file systems take them."""


def refuse_names(names: Iterable[str], where: str) -> None:
    """Refuse names that lead elsewhere, mean something else on another system, or mean one file twice.

    Parameters
    ----------
    names : iterable of str
        Paths of files with forward slashes.
    where : str
        What holds them, for the message.

    Raises
    ------
    PackageError
        For an absolute path, ``..``, a drive, a device, a character that some system forbids, a name that is too long,
        two names that differ in case or in the form of Unicode only, or a file that is also a folder.
    """
    listed = list(names)
    for name in listed:
        if reason := _fault(name):
            raise PackageError(f"{where} names {name[:200]!r}, {reason}. Nothing was written; get it from its source.")
    counted = Counter(map(folded, listed))
    twice = sorted(name for name in listed if counted[folded(name)] > 1)
    if twice:
        raise PackageError(
            f"{where} names one file twice, or in two spellings: {', '.join(map(repr, twice[:4]))}. Nothing was "
            "written; get it from its source."
        )
    folders = {part for name in counted for part in _folders(name)}
    if both := sorted(set(counted) & folders):
        raise PackageError(f"{where} has {both[0]!r} as a file and as a folder. Nothing was written.")


def _folders(name: str) -> Iterable[str]:
    steps = name.split("/")
    return ("/".join(steps[:length]) for length in range(1, len(steps)))


def _fault(name: str) -> str:
    """Why a name is refused, empty if it is not."""
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        return "which is too long"
    if _FORBIDDEN.search(name):
        return "which has a character that not every system allows"
    for step in name.split("/"):
        if step in ("", ".", ".."):
            return "which is no path inside of it"
        if step != step.strip(" ") or step.endswith("."):
            return "which has a space or a full stop where Windows drops them"
        if _DEVICE.fullmatch(step):
            return "which is a device on Windows"
        if len(step.encode("utf-8", "surrogatepass")) > _LONGEST_STEP:
            return "which is too long"
    return ""
