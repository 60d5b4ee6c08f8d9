"""Where results may go: no folder of the project but ``outputs``, no address with a password, over no foreign file."""

import argparse
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from shanhai.core import paths
from shanhai.core.errors import ParameterError
from shanhai.core.manifest import MANIFEST

_FILE = "file://"

_BEGINNING = b'{\n "commit": '
"""How a manifest of ours begins: its keys are sorted."""

_SHOWN = 12
"""Files of somebody else that are named; those of no single run are fewer."""

_SECRET = re.compile(r"://(?:[^/]*@|[^/:]*:(?!\d+(?:/|$)).*@)", re.DOTALL)
"""User and password of an address; a password may hold a slash."""


def is_url(output: str) -> bool:
    """Whether results are to go to a store and not to a folder: ``s3://bucket/prefix``; ``file://`` is a folder."""
    return "://" in output and not output.startswith(_FILE)


def without_secret(text: str) -> str:
    """A text in which nobody reads who somebody is on a server, or with which password.

    Examples
    --------
    >>> without_secret("--output=s3://me:secret@bucket/prefix")
    '--output=s3://...@bucket/prefix'
    """
    return re.sub(r"://.*@", "://...@", text, flags=re.DOTALL) if _SECRET.search(text) else text


def address(text: str) -> str:
    """An address as it was given, if it says nothing of who somebody is.

    Raises
    ------
    argparse.ArgumentTypeError
        The message does not repeat the address.
    """
    if _SECRET.search(text):
        raise argparse.ArgumentTypeError(
            "the address holds a user name or a password, which would be printed and written into files; "
            "leave out what stands before @ and give it by the settings of the store (for S3: AWS_... or ~/.aws)"
        )
    return text


def path(text: str) -> Path:
    """A path as it was given, if it leads anywhere.

    Raises
    ------
    argparse.ArgumentTypeError
    """
    try:
        Path(text).resolve()
    except (RuntimeError, OSError, ValueError) as error:  # a loop of links, a null byte, a name without end
        raise argparse.ArgumentTypeError(f"{text[:200]!r} leads nowhere: {error}; name another path") from error
    return Path(text)


def results_folder(text: str) -> Path:
    """The folder that results are to go to, if it is none of the project's own.

    Raises
    ------
    argparse.ArgumentTypeError
        If the text is empty or a URL, or leads into the checkout outside of ``outputs``.
    """
    address(text)
    if not text.strip():
        raise argparse.ArgumentTypeError("empty: name a folder, for example outputs/mine, or leave --output out")
    if is_url(text):
        raise argparse.ArgumentTypeError(f"{text} is an address; name a folder. Only `shanhai batch` writes to a store")
    found = path(text.removeprefix(_FILE))
    if not text.removeprefix(_FILE).strip() or _is_of_project(found.resolve()):
        raise argparse.ArgumentTypeError(
            f"{text} is a folder of the project itself, whose files results would get among; "
            f"name one under {paths.OUTPUTS}, for example {paths.OUTPUTS / 'mine'}, or one outside of the project"
        )
    return found


def results_place(text: str) -> str:
    """A folder for results, or the URL of a store: see :func:`results_folder`."""
    return address(text) if is_url(text) else str(results_folder(text))


def _is_of_project(folder: Path) -> bool:
    for parent in (folder, *folder.parents):
        if _is_same(parent, paths.OUTPUTS):
            return False
        if _is_same(parent, paths.ROOT):
            return True
    return False


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths are one folder, also where case does not count."""
    return one == other or (one.exists() and other.exists() and one.samefile(other))


def require_own(where: str, there: Mapping[str, str], listed: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuse a place for results that has files of somebody else where those of a batch are to go.

    Parameters
    ----------
    where : str
        The place, for the message.
    there, listed : mappings of name to hash
        Files that are there, and those that its manifest lists.
    names : iterable of str
        Of the files that a batch writes beside those of single runs.

    Raises
    ------
    ParameterError
        Naming the files that are in the way.
    """
    foreign = sorted(name for name in names if name in there and there[name] != listed.get(name))
    if foreign:
        more = f" and {len(foreign) - _SHOWN} more files like these" if len(foreign) > _SHOWN else ""
        raise ParameterError(
            f"{where} has {', '.join(foreign[:_SHOWN])}{more}, which no batch wrote or somebody changed since; nothing "
            "was run. Move that away, or name another folder by --output."
        )


def is_manifest(folder: Path) -> bool:
    """Whether ``manifest.json`` of a folder, if there is one, may be that of a batch: not one of some other program."""
    if not (folder / MANIFEST).is_file():  # a pipe would be waited for
        return True
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # none, or one that a power cut left
        return True
    return isinstance(found, dict) and "runs" in found


def is_torn(folder: Path) -> bool:
    """Whether ``manifest.json`` of a folder was that of a batch and is damaged, as by a power cut.

    What lies beside it is then taken for what the batch left, and made again.
    """
    if not (folder / MANIFEST).is_file():
        return False
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        return False
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return not content.strip(b"\0") or content.startswith(_BEGINNING)
    return False


def positive(text: str) -> int:
    """A whole number above zero."""
    number = int(text) if text.strip().isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number above zero; give 1 or more")
    return number
