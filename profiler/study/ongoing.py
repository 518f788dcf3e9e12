"""A study as it goes on; study.json on disk is what another goes on from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.study import study_record

if TYPE_CHECKING:
    from profiler.study.study_record import ScheduledRun, StudyDirectory, StudyRecord


@dataclass(slots=True)
class OngoingStudy:
    """What is known of a study's runs, and whether that is on disk too."""

    directory: StudyDirectory
    record: StudyRecord
    _written: bool = field(default=True, kw_only=True)
    """Whether study.json says what `record` does."""

    def mark(self, position: int, run: ScheduledRun) -> None:
        """Note how far a run got."""
        self.record = self.record.replaced(position, run)
        self._written = False

    def write(self) -> None:
        """Bring study.json up to date, with all that happened meanwhile; `NotWrittenError` when that fails.

        It is as long as the study, so that it is not written more often than another needs it.
        """
        if not self._written:
            study_record.write_record(self.directory, self.record)
            self._written = True
