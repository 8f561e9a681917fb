"""What each format of an export is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from forms_app.exporting.batches import Batch
from forms_app.exporting.cells import Cell
from forms_app.exporting.columns import ExportColumn


class Shape:
    """Writes one file, piece by piece. An empty piece says that nothing is to be sent yet."""

    content_type: ClassVar[str]
    as_json: ClassVar[bool] = False

    def __init__(self, columns: Sequence[ExportColumn]) -> None:
        self.columns = columns

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up what it holds, whether or not the file is whole."""

    def begin(self) -> bytes:
        """What stands before all rows."""
        return b""

    @staticmethod
    def spelled(cells: Sequence[Cell]) -> list[Any]:
        """Cells as `rows` takes them."""
        return list(cells)

    @staticmethod
    def stored(batch: Batch, name: str) -> list[Any]:
        """The same of what the records of a batch hold in a field."""
        return batch.values(name)

    def rows(self, ids: Sequence[int], cells: Sequence[Sequence[Any]]) -> bytes:
        """Some rows, column by column: the records' ids, and of each column as many cells."""
        raise NotImplementedError(type(self).__name__)

    def end(self) -> Iterator[bytes]:
        """What stands behind them."""
        return iter(())
