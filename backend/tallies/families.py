"""Which tables belong together: one of changes, and sums of them by fewer and fewer dimensions."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.db import models

from backend.tallies.models import (
    ImageAmounts,
    ImageChange,
    ImagesByDay,
    MaskAmounts,
    MaskChange,
    MasksByAll,
    MasksByDay,
    MasksByLabel,
    MasksByPerson,
    StorageAmounts,
    StorageByDay,
    StorageChange,
    Tally,
    TallyChange,
    WorkAmounts,
    WorkByActor,
    WorkByAll,
    WorkByAssignee,
    WorkByDay,
    WorkChange,
)

Table: TypeAlias = type[models.Model]


@dataclass(frozen=True)
class Family:
    """A table of changes, those of sums they are drawn into, the smallest first, and the names of the numbers."""

    changes: Table
    sums: tuple[Table, ...]
    amounts: tuple[str, ...]

    def dimensions(self, table: Table) -> tuple[str, ...]:
        """What the table tells apart, by the names of its columns."""
        columns = (field.attname for field in table._meta.concrete_fields if not field.primary_key)
        return tuple(name for name in columns if name not in self.amounts)

    def smallest(self, wanted: Collection[str]) -> Table:
        """The first table of sums that tells apart what is wanted."""
        return next(table for table in self.sums if set(wanted) <= set(self.dimensions(table)))


def _names(amounts: Any) -> tuple[str, ...]:
    return tuple(field.name for field in amounts._meta.get_fields())


TALLIES: Final = Family(TallyChange, (Tally,), ("amount",))
MASKS: Final = Family(MaskChange, (MasksByDay, MasksByLabel, MasksByPerson, MasksByAll), _names(MaskAmounts))
IMAGES: Final = Family(ImageChange, (ImagesByDay,), _names(ImageAmounts))
WORK: Final = Family(WorkChange, (WorkByDay, WorkByActor, WorkByAssignee, WorkByAll), _names(WorkAmounts))
STORAGE: Final = Family(StorageChange, (StorageByDay,), _names(StorageAmounts))

FAMILIES: Final = (TALLIES, MASKS, IMAGES, WORK, STORAGE)
