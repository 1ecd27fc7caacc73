"""A worker killed between a request and its answer: the event is told again, as the same message."""

import threading

from tests.backend.webhooks.receiver import running_receiver
from tests.workers.processes import System


def test_a_worker_killed_in_the_middle_delivers_again_with_the_same_id(
    prepared_system: System,
) -> None:
    system = prepared_system
    system.environment |= {
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        "WEBHOOK_LEASE_SECONDS": "3",
    }
    system.begin()
    may_answer = threading.Event()
    with running_receiver() as receiver:
        receiver.before = lambda handler: may_answer.wait(30) and None
        at = system.url(f"projects/{system.project()['id']}/webhooks/")
        body = {"url": receiver.url, "events": ["image.accepted"]}
        webhook = system.session.post(at, json=body, timeout=10).json()
        ping = system.session.post(system.url(f"webhooks/{webhook['id']}/ping/"), timeout=10).json()
        system.wait(lambda: len(receiver.received) == 1, "the worker asked the receiver")
        system.kill("worker")
        may_answer.set()
        system.start("worker")

        def state() -> str:
            log = system.session.get(system.url(f"webhooks/{webhook['id']}/deliveries/"), timeout=10).json()
            return str(log["results"][0]["state"])

        system.wait(lambda: state() == "delivered", "it was delivered after all")
    assert [request.message_id for request in receiver.received] == [ping["message_id"]] * 2
    assert all(request.is_signed_with(webhook["secret"]) for request in receiver.received)
