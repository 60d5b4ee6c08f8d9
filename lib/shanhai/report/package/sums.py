"""The list of checksums of a package: one line a file, in the form that ``sha256sum -c`` reads."""

import re
from collections.abc import Mapping

from shanhai.core.errors import PackageError
from shanhai.report.package.names import refuse_names

SUMS = "SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def sums_text(digests: Mapping[str, str]) -> str:
    """The list, sorted by name.

    Examples
    --------
    >>> sums_text({"b": "2" * 64, "a": "1" * 64}).splitlines()[0][60:]
    '1111  a'
    """
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))


def read_sums(content: bytes, where: str) -> dict[str, str]:
    """SHA-256 of each file by its path.

    Parameters
    ----------
    content : bytes
        Of the list.
    where : str
        Whose list it is, for messages.

    Raises
    ------
    PackageError
        If a line has another form, or a name leads elsewhere or is there twice.
    """
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise PackageError(f"{SUMS} of {where} is no text in UTF-8: {error}.") from error
    found = [(number, _LINE.fullmatch(line)) for number, line in enumerate(lines, start=1)]
    wrong = [number for number, match in found if match is None]
    if wrong or not found:
        raise PackageError(
            f"Line {wrong[0] if wrong else 1} of {SUMS} of {where} is no checksum; needed: 64 hexadecimal digits, two "
            "spaces, a path. Get the package from its source again."
        )
    pairs = [(match[2], match[1]) for _, match in found if match]
    refuse_names([name for name, _ in pairs] + [SUMS], f"{SUMS} of {where}")
    return dict(pairs)
