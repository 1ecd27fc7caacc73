"""One of the drills in the suite, on what every developer has: nothing else here sets the clock back."""

from dataclasses import replace
from pathlib import Path

from tests.drills.drill import run
from tests.drills.names import DRILLS
from tests.drills.scene import Ground
from tests.drills.table import table


def test_the_clock_is_set_back_while_a_worker_is_lost(tmp_path: Path, tiny_artifacts: Path) -> None:
    drill = replace(DRILLS["clock-backwards"], database="sqlite", broker="folder")
    ground = Ground(tmp_path / "ground", tiny_artifacts)
    ground.folder.mkdir()
    try:
        report = run(drill, ground)
    finally:
        ground.close()
    said = table([report])
    print(f"\n{said}")
    assert report.is_passed, said
    assert report.after.acknowledged > report.before.acknowledged
