"""Progress of a batch: a bar in a terminal, a line for each finished task elsewhere."""

import sys
from types import TracebackType

from shanhai.run.manifest import Record


class Progress:
    """Context that shows finished tasks on standard error."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._bar = None
        if total and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="run", leave=False, dynamic_ncols=True)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, name: str, record: Record) -> None:
        """Count a finished task; a failure is said at once."""
        self.done += 1
        word = "" if record.ok else " FAILED"
        line = f"[{self.done}/{self.total}] {name}{word} ({record.seconds:.1f} s)"
        if self._bar is None:
            print(line, file=sys.stderr, flush=True)
            return
        self._bar.set_description(name)
        self._bar.update()
        if not record.ok:
            self._bar.write(line, file=sys.stderr)
