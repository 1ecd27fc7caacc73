"""The counts by which drills are judged see what is lost, changed and there twice."""

import uuid
from contextlib import closing

from tests.drills.counts import count, rests
from tests.drills.people import Ledger, Saved
from tests.workers.exports import MAKE_MASKS, MASKS
from tests.workers.processes import System
from tests.workers.tables import connected


def test_what_is_not_as_it_was_acknowledged_is_counted(prepared_system: System) -> None:
    system = prepared_system
    system.manage("shell", "-v", "0", "-c", MAKE_MASKS)
    with closing(connected(system)) as connection:
        connection.execute(
            "UPDATE annotations_mask SET author_id = (SELECT MIN(id) FROM users_user) WHERE id IN"
            " (SELECT id FROM annotations_mask ORDER BY image_id LIMIT 2)"
        )
        [first, second] = connection.execute(
            "SELECT id, image_id, counts, seconds_spent FROM annotations_mask WHERE author_id IS NOT NULL"
        ).fetchall()
        connection.commit()
    ledger = Ledger()
    ledger.masks[first[0]] = Saved(first[1], first[2], first[3])
    ledger.masks[second[0]] = Saved(second[1], "another shape", second[3])
    lost = str(uuid.uuid4())
    ledger.masks[lost] = Saved(first[1], "x", 1.0)
    ledger.accepted[first[1]] = {lost}
    ledger.uploaded[10_000] = "a picture"
    ledger.jobs.add(str(uuid.uuid4()))
    counts = count(system, ledger, made=MASKS - 2)
    assert (counts.acknowledged, counts.masks, counts.missing, counts.changed, counts.unknown) == (
        3,
        2,
        1,
        1,
        0,
    )
    assert (counts.accepted_known, counts.accepted, counts.accepted_lost) == (1, 0, 1)
    assert (counts.images_lost, counts.jobs_failed, counts.unready) == (1, 1, 8)
    # The two are alike in all but their ids.
    assert counts.doubles["masks"] == 1
    assert not rests(system)
