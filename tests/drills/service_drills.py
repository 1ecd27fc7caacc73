"""PostgreSQL, Redis and RabbitMQ are restarted, killed and emptied."""

import signal

from tests.drills.drill import Drill
from tests.drills.scene import Scene

AWAY_SECONDS = 6.0


def postgres_restart(scene: Scene) -> None:
    """As an operator restarts it, then with an immediate shutdown, then kill -9: each time away for some seconds."""
    assert scene.postgres is not None
    for end in (
        lambda server: server.stop(signal.SIGINT),
        lambda server: server.stop(signal.SIGQUIT),
        lambda server: server.kill(),
    ):
        with scene.watch.excused():
            end(scene.postgres)
            scene.go_on(AWAY_SECONDS)
            scene.postgres.start()
        scene.go_on(5)


def redis_flush(scene: Scene) -> None:
    """All that it held is gone, again and again."""
    assert scene.redis is not None
    lost = 0
    for _ in range(5):
        lost += scene.redis.flush()
        scene.go_on(2)
    scene.say(f"{lost} keys of queues, bindings and counters were lost")


def redis_restart(scene: Scene) -> None:
    """In order, then by kill -9; it keeps nothing."""
    assert scene.redis is not None
    for end in (scene.redis.stop, scene.redis.kill):
        with scene.watch.excused():
            end()
            scene.go_on(AWAY_SECONDS)
            scene.redis.start()
        scene.go_on(5)


def rabbitmq_restart(scene: Scene) -> None:
    """kill -9 of the node; away for as long as it takes to start."""
    assert scene.rabbitmq is not None
    with scene.watch.excused():
        scene.rabbitmq.kill()
        scene.go_on(AWAY_SECONDS)
        scene.rabbitmq.start()
    scene.go_on(10)


DRILLS = (
    Drill(
        "postgres-restart",
        "PostgreSQL restarted, shut down immediately, killed: away for some seconds each",
        postgres_restart,
    ),
    Drill("redis-flush", "FLUSHALL of queue and cache, five times", redis_flush),
    Drill("redis-restart", "Redis restarted and killed, all it held lost", redis_restart),
    Drill("rabbitmq-restart", "kill -9 of the RabbitMQ node", rabbitmq_restart, broker="rabbitmq"),
)
