from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from backend.jobs import workers
from backend.jobs.management.commands import worker_check
from backend.jobs.models import Worker
from backend.jobs.workers import worker_gone, worker_name, worker_seen


def seen(name: str) -> None:
    now = timezone.now()
    worker_seen(name=name, queues=["gpu"], device="cpu", model="", busy_with=[], started_at=now)


def test_a_worker_of_this_host_is_told_from_those_of_others(db: None) -> None:
    seen("elsewhere:1")
    with pytest.raises(CommandError):
        call_command("worker_check")
    seen(worker_name())
    call_command("worker_check")
    worker_gone(name=worker_name())
    with pytest.raises(CommandError):
        call_command("worker_check")


def test_a_worker_that_fell_silent_is_not_alive(db: None) -> None:
    seen(worker_name())
    Worker.objects.update(seen_at=workers.dead_since() - timedelta(seconds=1))
    with pytest.raises(CommandError):
        call_command("worker_check")


def test_a_database_that_does_not_answer_restarts_no_worker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> bool:
        raise OperationalError("connection refused")

    monkeypatch.setattr(worker_check, "is_worker_here_alive", refuse)
    call_command("worker_check")
    assert "connection refused" in capsys.readouterr().out
