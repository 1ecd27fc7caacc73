"""PostgreSQL, Redis and RabbitMQ: real ones, on this machine."""

import os
import socket

import pytest

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://root@127.0.0.1:5432/postgres")
BROKERS = {
    "redis": (6379, os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")),
    "rabbitmq": (5672, os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")),
}


def needs(port: int, what: str) -> None:
    """Leaves the test out where the server is not installed; on CI its absence is a failure."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        message = f"{what} does not answer on localhost:{port}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
