"""The time of day jumps in all processes of the server, while a worker holds work and is then lost."""

from tests.builders import make_file, make_pixels
from tests.drills.drill import Drill
from tests.drills.scene import Scene

HOUR = 3600.0


def jump(scene: Scene, seconds: float) -> None:
    """First while all run, then once more at the moment in which a worker is lost with work in its hands."""
    assert scene.clock is not None
    system = scene.system
    scene.clock.set(seconds)
    scene.go_on(8)
    pictures = {f"large{n}.png": make_file(make_pixels(3000, 2000, seed=n)) for n in range(3)}
    system.upload(**pictures)
    scene.until(lambda: system.counts()["running"] > 0, "the worker took a picture")
    scene.clock.set(2 * seconds)
    scene.worker_lost()
    scene.go_on(5)


def forwards(scene: Scene) -> None:
    jump(scene, HOUR)


def backwards(scene: Scene) -> None:
    jump(scene, -HOUR)


DRILLS = (
    Drill("clock-forwards", "the clock is set an hour ahead, twice", forwards, sets_clock=True),
    Drill("clock-backwards", "the clock is set an hour back, twice", backwards, sets_clock=True),
)
