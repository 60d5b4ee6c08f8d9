"""Every error that Shanhai raises on purpose: one class for each kind of mistake a user can mend."""

import re
from collections.abc import Mapping
from typing import Any

_LONGEST_WORD, _LONGEST_QUOTE = 300, 400
_LONG = re.compile(rf"'[^'\n]{{{_LONGEST_QUOTE},}}'|\"[^\"\n]{{{_LONGEST_QUOTE},}}\"|\S{{{_LONGEST_WORD},}}")


class ShanhaiError(Exception):
    """Base of all errors with a message that names the value, the allowed set and the next step.

    A value of some hundred characters is named by its beginning and its end, so that the next step is seen.

    Examples
    --------
    >>> str(ShanhaiError(f"{'x' * 100_000} is no place."))[60:]
    ' … (100,000 characters) … xxxxxxxxxxxxxxxxxxxx is no place.'
    """

    def __str__(self) -> str:
        return _LONG.sub(lambda found: shortened(found[0]), super().__str__())


def shortened(text: str) -> str:
    """A text of some hundred characters by its beginning and its end; a shorter one as it is."""
    if len(text) < _LONGEST_WORD:
        return text
    return f"{text[:60]} … ({len(text):,} characters) … {text[-20:]}"


class SettingsError(ShanhaiError):
    """The settings file names a source that does not exist, or a value of the wrong type."""


class UnknownPlaceError(ShanhaiError):
    """A code or name is no county, prefecture or province of the registry."""


class MissingDataError(ShanhaiError):
    """The place or period exists, but the tables hold no figures for it."""


class UnknownTableError(ShanhaiError):
    """A table or layer is asked for that the data dictionary does not list."""


class ChecksumError(ShanhaiError):
    """A bundled file differs from the checksum in the registry."""


class ValidationError(ShanhaiError):
    """A table breaks the types, ranges or keys that the data dictionary declares."""


class BoundaryError(ShanhaiError):
    """Polygons are invalid, overlap, leave gaps, or carry no usable code or reference system."""


class TerrainError(ShanhaiError):
    """An elevation grid cannot give terrain statistics for the polygons asked for."""


class RasterError(ShanhaiError):
    """A raster of lights or population cannot show what lies on both sides of the borders."""


class SpecificationError(ShanhaiError):
    """A regression specification names unknown columns, or cannot be estimated on its sample."""


class ParameterError(ShanhaiError):
    """A notebook parameter is unknown, of the wrong type, or outside its allowed values."""


class NotebookError(ShanhaiError):
    """A notebook stopped at a cell; the partial copy is kept."""

    def __init__(self, message: str, failure: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.failure = failure
        """What the manifest says of it: ``cell``, ``exception``, ``traceback``."""


class FolderInUseError(ShanhaiError):
    """Another command works in the folder that results are to go to."""


class EnvironmentMissingError(ShanhaiError):
    """A package, a scheduler or a store that a command needs is not installed or does not answer."""


class InputsChangedError(ShanhaiError):
    """A file that results depend on changed while they were made."""


class ClaimError(ShanhaiError):
    """A claim has no verdict function, or a verdict function breaks the rule it declares."""


class ReportError(ShanhaiError):
    """A figure or table cannot be drawn or stored as asked."""


class PackageError(ShanhaiError):
    """An archive or folder is no replication package, or one that could do harm, or cannot be made one."""


BORDERS_UNKNOWN = (
    "If the boundary layer is your own, it may not show the neighbouring provinces, so that borders are not known: add"
    " the counties of these provinces to the layer, or leave the layer out (`counties` under [replace])."
)
"""Next step where columns of borders are missing."""
