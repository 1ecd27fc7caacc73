import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Queue

from backend.common.broker import FolderTransport


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    folder = tmp_path / "broker"
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
    }
    with Connection(transport=FolderTransport, transport_options=options) as opened:
        yield opened


@pytest.mark.parametrize("lost", ["broker", "broker/queue", "broker/control"])
def test_messages_still_arrive_after_the_folder_was_deleted(
    connection: Connection, tmp_path: Path, lost: str
) -> None:
    """Producer and consumer stay connected, as a web process and a worker do: nothing is declared again."""
    queue = connection.SimpleQueue(Queue("gpu", routing_key="gpu"))
    queue.put("first")
    assert queue.get(timeout=2).payload == "first"
    shutil.rmtree(tmp_path / lost)
    with pytest.raises(queue.Empty):
        queue.get_nowait()
    shutil.rmtree(tmp_path / lost)
    queue.put("second")
    message = queue.get(timeout=2)
    assert message.payload == "second"
    message.ack()


def test_an_event_nobody_listens_to_leaves_no_message(connection: Connection, tmp_path: Path) -> None:
    """Celery's workers tell each other of themselves on such an exchange; its messages must not pile up."""
    producer = connection.Producer(exchange=Exchange("celeryev", type="topic"))
    producer.publish("here I am", routing_key="worker.heartbeat")
    assert not list(tmp_path.rglob("*.msg"))
