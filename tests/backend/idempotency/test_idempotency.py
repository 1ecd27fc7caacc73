"""A request that makes something, sent twice under one key, makes it once."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from backend.idempotency.models import IdempotencyKey
from backend.idempotency.services import KEPT, keys_sweep
from backend.idempotency.views import Idempotent, key_read
from backend.images.models import Image
from backend.projects import views
from backend.projects.models import Label, Project
from backend.users.models import User
from tests.backend.api.test_permissions import routes
from tests.builders import make_file, make_pixels, make_zip


def url_of(project: Project) -> str:
    return f"/api/v1/projects/{project.pk}/labels/"


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": f'"{key or uuid.uuid4()}"'}


def test_the_same_again_is_answered_again_and_made_once(api: APIClient, project: Project) -> None:
    key = keyed()
    first = api.post(url_of(project), {"name": "cat", "supercategory": "animal"}, headers=key)
    again = api.post(url_of(project), {"supercategory": "animal", "name": "cat"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (first.headers.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Label.objects.filter(name="cat").count() == 1
    other = api.post(url_of(project), {"name": "cat"}, headers=keyed())
    assert other.json()["code"] == "label.name_taken"


def test_a_key_belongs_to_one_request_of_one_person(
    api: APIClient, project: Project, client_of: Callable[[User], APIClient], make_user: Callable[[str], User]
) -> None:
    key = keyed()
    api.post(url_of(project), {"name": "cat"}, headers=key)
    for url, body in ((url_of(project), {"name": "dog"}), ("/api/v1/projects/", {"name": "cat"})):
        answer = api.post(url, body, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.reused")
    assert not Label.objects.filter(name="dog").exists()
    theirs = client_of(make_user("eve")).post("/api/v1/projects/", {"name": "cat"}, headers=key)
    assert theirs.status_code == 201
    assert Project.objects.count() == 2


def test_a_refusal_is_not_kept(api: APIClient, project: Project) -> None:
    key = keyed()
    assert api.post(url_of(project), {"name": ""}, headers=key).status_code == 400
    assert api.post(url_of(project), {"name": "object"}, headers=key).json()["code"] == "label.name_taken"
    assert not IdempotencyKey.objects.exists()
    assert api.post(url_of(project), {"name": "cat"}, headers=key).status_code == 201


def test_who_may_no_longer_make_it_is_not_told_the_answer(
    api: APIClient, project: Project, owner: User
) -> None:
    key = keyed()
    api.post(url_of(project), {"name": "cat"}, headers=key)
    project.memberships.filter(user=owner).delete()
    assert api.post(url_of(project), {"name": "cat"}, headers=key).status_code == 404


def test_while_it_is_worked_on_it_is_a_conflict(
    api: APIClient, project: Project, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keyed("mine")
    inside: list[Any] = []

    create = views.services.label_create

    def meets_a_rival(**wanted: Any) -> Any:
        monkeypatch.setattr(views.services, "label_create", create)
        inside.append(api.post(url_of(project), {"name": "cat"}, headers=key))
        return create(**wanted)

    monkeypatch.setattr(views.services, "label_create", meets_a_rival)
    assert api.post(url_of(project), {"name": "cat"}, headers=key).status_code == 201
    rival = inside[0]
    assert (rival.status_code, rival.json()["code"]) == (409, "idempotency.in_flight")
    assert 1 <= int(rival["Retry-After"]) <= 60


def test_a_key_of_the_dead_is_taken_over_after_its_lease(
    api: APIClient, project: Project, owner: User
) -> None:
    key = keyed("mine")
    api.post(url_of(project), {"name": "cat"}, headers=key)
    row = IdempotencyKey.objects.get()
    Label.objects.filter(name="cat").delete()
    # As a process leaves it that died before it answered.
    IdempotencyKey.objects.update(status=None, body="")
    assert api.post(url_of(project), {"name": "cat"}, headers=key).status_code == 409
    IdempotencyKey.objects.update(lease_expires_at=timezone.now())
    assert api.post(url_of(project), {"name": "cat"}, headers=key).status_code == 201
    assert IdempotencyKey.objects.get().claim != row.claim


def test_who_lost_the_key_undoes_the_work(
    api: APIClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = views.services.label_create

    def slow(**wanted: Any) -> Any:
        made = create(**wanted)
        IdempotencyKey.objects.update(claim=uuid.uuid4())
        return made

    monkeypatch.setattr(views.services, "label_create", slow)
    answer = api.post(url_of(project), {"name": "cat"}, headers=keyed())
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency.in_flight")
    assert not Label.objects.filter(name="cat").exists()


_KILLED = """
import os, signal, sys
import django
django.setup()
from rest_framework.test import APIClient
from backend.projects import views
from backend.users.models import User
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
create = views.services.label_create
def killed(**wanted):
    create(**wanted)
    os.kill(os.getpid(), signal.SIGKILL)
views.services.label_create = killed
client = APIClient()
client.force_login(User.objects.get(username=sys.argv[1]))
client.post(sys.argv[2], {"name": "cat"}, headers={"Idempotency-Key": '"mine"'}, format="json")
"""


def database_url() -> str:
    """The tests' database, for another process."""
    settings = connections["default"].settings_dict
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        return f"sqlite:///{settings['NAME']}"
    person = ":".join(quote(str(settings[key]), safe="") for key in ("USER", "PASSWORD") if settings[key])
    return f"postgres://{person}@{settings['HOST']}:{settings['PORT'] or 5432}/{settings['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_kill_nine_leaves_nothing_made_and_a_key_that_comes_free(
    tmp_path: Path, client_of: Callable[[User], APIClient], project: Project, owner: User
) -> None:
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
    }
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, owner.username, url_of(project)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    row = IdempotencyKey.objects.get()
    assert row.status is None
    assert not Label.objects.filter(name="cat").exists()
    client = client_of(owner)
    answer = client.post(url_of(project), {"name": "cat"}, headers=keyed("mine"))
    assert answer.json()["code"] == "idempotency.in_flight"
    IdempotencyKey.objects.update(lease_expires_at=timezone.now())
    assert client.post(url_of(project), {"name": "cat"}, headers=keyed("mine")).status_code == 201
    assert client.post(url_of(project), {"name": "cat"}, headers=keyed("mine")).status_code == 201
    assert Label.objects.filter(name="cat").count() == 1


def test_a_key_is_kept_for_a_day(api: APIClient, project: Project, owner: User) -> None:
    api.post(url_of(project), {"name": "cat"}, headers=keyed("old"))
    api.post(url_of(project), {"name": "dog"}, headers=keyed("new"))
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    # Swept or not: it is over.
    assert api.post(url_of(project), {"name": "bird"}, headers=keyed("old")).status_code == 201
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert keys_sweep() == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.parametrize(
    ("header", "key"),
    [('"a b"', "a b"), ('"a\\"b"', 'a"b'), ("8e03978e-40d5", "8e03978e-40d5"), (' "x" ', "x")],
)
def test_a_key_is_read_as_a_structured_field_or_bare(header: str, key: str) -> None:
    assert key_read(header) == key


@pytest.mark.parametrize("header", ['""', "a b", '"a', "é", '"' + "x" * 300 + '"', "x" * 300])
def test_what_is_no_key_is_refused(api: APIClient, project: Project, header: str) -> None:
    answer = api.post(url_of(project), {"name": "cat"}, headers={"Idempotency-Key": header})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.key")
    assert not Label.objects.filter(name="cat").exists()


def test_files_count_by_name_and_bytes(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/images/"
    key = keyed()

    def send(seed: int, name: str) -> Any:
        picture = SimpleUploadedFile(name, make_file(make_pixels(seed=seed)), "image/png")
        return api.post(url, {"files": picture}, format="multipart", headers=key)

    first, again = send(1, "a.png"), send(1, "a.png")
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.json() == first.json()
    assert Image.objects.count() == 1
    assert send(2, "a.png").status_code == 422
    assert send(1, "b.png").status_code == 422


def test_an_archive_is_kept_once(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/imports/"
    key = keyed()
    answers = [
        api.post(
            url,
            {"file": SimpleUploadedFile("set.zip", make_zip({"a.json": b"{}"}), "application/zip")},
            format="multipart",
            headers=key,
        )
        for _ in range(2)
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]


SECRET = {
    "auth/tokens/",
    "auth/token/",
    "projects/{project_id}/invitations/",
    "projects/{project_id}/webhooks/",
    "webhooks/{webhook_id}/rotate/",
}


def test_answers_with_a_secret_are_never_kept(api: APIClient, project: Project) -> None:
    classes = dict(routes(get_resolver()))
    for endpoint in SECRET:
        assert not issubclass(classes[endpoint], Idempotent)
        answer = api.post(
            f"/api/v1/{endpoint.format(project_id=project.pk, webhook_id=1)}", {}, headers=keyed()
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.unsupported")


def test_what_names_its_makings_itself_says_that_it_takes_no_key(api: APIClient, project: Project) -> None:
    answer = api.post(f"/api/v1/projects/{project.pk}/jobs/", {}, headers=keyed())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.unsupported")
