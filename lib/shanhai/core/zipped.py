"""Zip archives, which files of office programs are, with the same bytes each time."""

import zipfile
from io import BytesIO

_TIME = (1980, 1, 1, 0, 0, 0)
"""Time of each member: the first that a zip archive can say."""


def untimed(content: bytes) -> bytes:
    """The bytes of a ``.docx``, ``.xlsx`` or ``.pptx`` file without the time at which it was written.

    Parameters
    ----------
    content : bytes
        A zip archive.

    Examples
    --------
    >>> stream = BytesIO()
    >>> with zipfile.ZipFile(stream, "w") as archive:
    ...     archive.writestr("a.xml", "衢州")
    >>> zipfile.ZipFile(BytesIO(untimed(stream.getvalue()))).getinfo("a.xml").date_time
    (1980, 1, 1, 0, 0, 0)
    """
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _TIME)
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, source.read(name))
    return target.getvalue()
