"""All drills there are, in the order in which they are held."""

from tests.drills import clock_drills, process_drills, service_drills, storage_drills
from tests.drills.drill import Drill

DRILLS: dict[str, Drill] = {
    drill.name: drill
    for family in (process_drills, service_drills, storage_drills, clock_drills)
    for drill in family.DRILLS
}
