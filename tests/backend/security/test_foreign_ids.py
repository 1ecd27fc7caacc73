"""Ids of another project's things where a body or a query names some: whatever one's own project is asked to do with
them, they are answered like ids that were never given to anything, and nothing there changes."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from rest_framework.test import APIClient

from backend.imports.models import ImportUpload
from backend.notifications.models import Notification
from backend.projects.models import Membership, Project
from backend.projects.services import label_create
from backend.tags.services import tag_create
from backend.users.models import User
from tests.backend.api.test_permissions import undone
from tests.backend.api.world import World
from tests.backend.security.outsiders import other_project_make, state_digest
from tests.builders import make_image, make_mask_body

NEW: Final = "5d1f6f0a-33c1-4a8e-9f43-5a1b0c9e2d10"
ABSENT: Final = {int: 987_654_321, str: "00000000-0000-4000-8000-000000000007"}


@dataclass(frozen=True)
class Attack:
    """A request to one's own project with `foreign`, a variable of the world, in its body or query.

    `{p}`, `{i}`, `{m}`, `{l}`, `{t}` are the attacker's project, image, mask, label and tag; in `body` and `query` the
    value FOREIGN stands for the id.
    """

    method: str
    path: str
    foreign: str
    body: Any = None
    query: str = ""


FOREIGN: Final = "FOREIGN"
_MASK: Final = "MASK"
ATTACKS: Final = [
    Attack("POST", "images/{i}/masks/", "label_id", {_MASK: 1, "label": FOREIGN}),
    Attack("PATCH", "masks/{m}/", "label_id", {"revision": 1, "label": FOREIGN}),
    Attack("PATCH", "labels/{l}/", "attribute_id", {"attributes": [{"id": FOREIGN, "name": "x"}]}),
    Attack(
        "POST",
        "projects/{p}/masks/bulk/",
        "image_id",
        {"operations": [{"op": "create", "image": FOREIGN, _MASK: 1}]},
    ),
    Attack(
        "POST",
        "projects/{p}/masks/bulk/",
        "mask_id",
        {"operations": [{"op": "update", "id": FOREIGN, "revision": 2, "z": 9}]},
    ),
    Attack(
        "POST",
        "projects/{p}/masks/bulk/",
        "mask_id",
        {"operations": [{"op": "delete", "id": FOREIGN, "revision": 2}]},
    ),
    Attack(
        "POST",
        "projects/{p}/masks/bulk/",
        "label_id",
        {"operations": [{"op": "update", "id": "OWN_MASK", "revision": 1, "label": FOREIGN}]},
    ),
    Attack("POST", "projects/{p}/images/tags/", "image_id", {"image_ids": [FOREIGN], "add": ["OWN_TAG"]}),
    Attack("POST", "projects/{p}/images/tags/", "tag_id", {"image_ids": ["OWN_IMAGE"], "add": [FOREIGN]}),
    Attack("POST", "projects/{p}/images/tags/", "tag_id", {"image_ids": ["OWN_IMAGE"], "remove": [FOREIGN]}),
    Attack("POST", "projects/{p}/work/assign/", "image_id", {"image_ids": [FOREIGN], "user_ids": []}),
    Attack(
        "POST", "projects/{p}/work/assign/", "user_id", {"image_ids": ["OWN_IMAGE"], "user_ids": [FOREIGN]}
    ),
    Attack("PATCH", "projects/{p}/members/FOREIGN/", "user_id", {"role": "owner"}),
    Attack("DELETE", "projects/{p}/members/FOREIGN/", "user_id"),
    Attack(
        "POST",
        "projects/{p}/quality/rounds/",
        "image_id",
        {"name": "x", "annotator_ids": "OWN_TWO", "annotators_per_image": 2, "image_ids": [FOREIGN]},
    ),
    Attack(
        "POST",
        "projects/{p}/quality/rounds/",
        "user_id",
        {"name": "x", "annotator_ids": [FOREIGN], "annotators_per_image": 1, "image_ids": ["OWN_IMAGE"]},
    ),
    Attack(
        "POST",
        "projects/{p}/quality/checks/",
        "user_id",
        {"name": "x", "checker_ids": [FOREIGN], "masks": 1},
    ),
    Attack("POST", "projects/{p}/proposals/decide/", "proposal_id", {"decision": "accept", "ids": [FOREIGN]}),
    Attack("POST", "images/{i}/proposals/decide/", "proposal_id", {"reject": [FOREIGN]}),
    Attack(
        "POST",
        "projects/{p}/proposal-runs/",
        "image_id",
        {"id": NEW, "stage": "fully_automatic", "image_ids": [FOREIGN]},
    ),
    Attack(
        "POST",
        "projects/{p}/proposal-runs/",
        "label_id",
        {"id": NEW, "stage": "fully_automatic", "label": FOREIGN},
    ),
    Attack("POST", "projects/{p}/training-runs/", "project_id", {"id": NEW, "projects": [FOREIGN]}),
    *[
        Attack("POST", "projects/{p}/jobs/", foreign, {"id": NEW, "kind": kind, "params": params})
        for kind, foreign, params in [
            ("import.check", "upload_id", {"upload": FOREIGN}),
            ("import", "upload_id", {"upload": FOREIGN, "format": "coco"}),
            ("decide_proposals", "label_id", {"decision": "accept", "filter": {}, "label": FOREIGN}),
            ("release", "check_id", {"name": "x", "check": FOREIGN}),
        ]
    ],
    Attack("POST", "notifications/read/", "notification_id", {"ids": [FOREIGN]}),
    Attack(
        "POST",
        "images/{i}/threads/",
        "mask_id",
        {"id": NEW, "x": 99999, "y": 1, "text": "a", "mask": FOREIGN},
    ),
    *[
        Attack("GET", path, foreign, query=f"{name}={FOREIGN}")
        for path, name, foreign in [
            ("projects/{p}/images/", "tag", "tag_id"),
            ("projects/{p}/images/", "assignee", "user_id"),
            ("projects/{p}/masks/", "image", "image_id"),
            ("projects/{p}/masks/", "label", "label_id"),
            ("projects/{p}/masks/", "ids", "mask_id"),
            ("projects/{p}/masks/", "author", "user_id"),
            ("projects/{p}/audit/", "actor", "user_id"),
            ("projects/{p}/proposals/", "run", "proposal_run_id"),
            ("projects/{p}/proposals/", "image", "image_id"),
            ("projects/{p}/proposals/", "job", "job_id"),
            ("projects/{p}/proposals/confidences/", "run", "proposal_run_id"),
            ("projects/{p}/dashboard/activity/", "label", "label_id"),
            ("projects/{p}/dashboard/activity/", "person", "user_id"),
            ("projects/{p}/dashboard/reviews/", "author", "user_id"),
            ("projects/{p}/quality/scores/", "annotator", "user_id"),
            ("projects/{p}/training-material/", "projects", "project_id"),
            ("masks/{m}/similar/", "label", "label_id"),
            ("dashboard/activity/", "project", "project_id"),
            ("dashboard/statuses/", "project", "project_id"),
            ("dashboard/reviews/", "project", "project_id"),
            ("dashboard/storage/", "project", "project_id"),
        ]
    ],
]
# Ids that clients make up: one that is somebody else's is taken, and neither shown nor changed.
TAKEN: Final = [
    Attack("POST", "images/{i}/masks/", "mask_id", {_MASK: 1, "id": FOREIGN}),
    Attack("POST", "images/{i}/threads/", "thread_id", {"id": FOREIGN, "x": 1, "y": 1, "text": "a"}),
    Attack(
        "POST",
        "projects/{p}/jobs/",
        "job_id",
        {"id": FOREIGN, "kind": "export", "params": {"format": "coco"}},
    ),
    Attack("POST", "projects/{p}/proposal-runs/", "job_id", {"id": FOREIGN, "stage": "fully_automatic"}),
    Attack("POST", "projects/{p}/training-runs/", "job_id", {"id": FOREIGN}),
    Attack("POST", "projects/{p}/fairness-reports/", "job_id", {"id": FOREIGN}),
    Attack("POST", "projects/{p}/evaluations/", "job_id", {"id": FOREIGN, "task": "probe"}),
]


@dataclass(frozen=True)
class Attacker:
    """The owner of a project of their own, with one of what attacks need."""

    client: APIClient
    ids: dict[str, Any]
    mask: dict[str, Any]

    def attack(self, attack: Attack, foreign: Any) -> Any:
        path = attack.path.format(**self.ids).replace(FOREIGN, str(foreign))
        query = f"?{attack.query.replace(FOREIGN, str(foreign))}" if attack.query else ""
        body = self._body(attack.body, foreign)
        return getattr(self.client, attack.method.lower())(f"/api/v1/{path}{query}", body)

    def _body(self, value: Any, foreign: Any) -> Any:
        if isinstance(value, dict):
            rest = {name: self._body(one, foreign) for name, one in value.items() if name != _MASK}
            return (self.mask if _MASK in value else {}) | rest
        if isinstance(value, list):
            return [self._body(one, foreign) for one in value]
        own = {"OWN_MASK": "m", "OWN_IMAGE": "i", "OWN_TAG": "t", "OWN_TWO": "two"}
        return foreign if value == FOREIGN else self.ids[own[value]] if value in own else value


@pytest.fixture
def attacker(
    world: World, make_user: Callable[[str], User], make_project: Callable[..., Project]
) -> Attacker:
    project = other_project_make(make_user, make_project)
    client = APIClient()
    client.force_login(User.objects.get(username="other-owner"))
    image = make_image(project, seed=77)
    body = make_mask_body(image, project.labels.get().pk)
    assert client.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    label, tag = label_create(project=project, name="mine"), tag_create(project=project, name="mine")
    two = project.memberships.filter(role__in=["annotator", "reviewer"]).values_list("user_id", flat=True)
    ids = {"p": project.pk, "i": image.pk, "m": body["id"], "l": label.pk, "t": tag.pk, "two": list(two)}
    return Attacker(client, ids, body | {"id": NEW})


@pytest.fixture
def foreign(world: World) -> dict[str, Any]:
    """Ids of the attacked project's things, more than stand in its addresses."""
    owner = APIClient()
    owner.force_login(world.people[Membership.Role.OWNER])
    label = world.variables["label_id"]
    attributes = [{"name": "colour", "kind": "text"}]
    made = owner.patch(f"/api/v1/labels/{label}/", {"attributes": attributes})
    assert made.status_code == 200, made.content
    body = world.bodies["POST", "projects/{project_id}/imports/"]
    sent = owner.post(f"/api/v1/projects/{world.project.pk}/imports/", body, format="multipart")
    assert sent.status_code == 201, sent.content
    told = Notification.objects.create(
        user=world.people[Membership.Role.VIEWER], project=world.project, kind=Notification.Kind.MENTION
    )
    more = {
        "attribute_id": made.json()["attributes"][0]["id"],
        "upload_id": ImportUpload.objects.get().uuid,
        "notification_id": told.pk,
    }
    return {name: str(v) if isinstance(v, uuid.UUID) else v for name, v in (world.variables | more).items()}


def test_a_foreign_id_is_answered_like_one_that_was_never_given(
    attacker: Attacker, foreign: dict[str, Any], files: Path, subtests: pytest.Subtests
) -> None:
    before = state_digest(files)
    statuses: dict[int, int] = {}
    for attack in ATTACKS:
        with subtests.test(f"{attack.method} {attack.path} {attack.foreign} {attack.query}"):
            real = foreign[attack.foreign]
            with undone():
                answer = attacker.attack(attack, real)
                # Asking may start work in one's own project, as a search for similar masks does.
                assert attack.method == "GET" or state_digest(files) == before
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            with undone():
                absent = attacker.attack(attack, ABSENT[type(real)])
            assert told(answer, real) == told(absent, ABSENT[type(real)])
            assert answer.status_code < 500
    print(f"\n{len(ATTACKS)} requests with ids of another project: {statuses}")


def test_an_id_that_is_somebody_elses_is_taken(
    attacker: Attacker, foreign: dict[str, Any], files: Path, subtests: pytest.Subtests
) -> None:
    before = state_digest(files)
    for attack in TAKEN:
        with subtests.test(f"{attack.method} {attack.path} {attack.foreign}"):
            answer = attacker.attack(attack, foreign[attack.foreign])
            assert answer.status_code == 409, answer.content
            assert answer.json()["code"].endswith("id_taken")
            assert state_digest(files) == before
    print(f"\n{len(TAKEN)} ids of another project sent as new ones: all 409")


def test_nobody_writes_as_somebody_else(
    attacker: Attacker, world: World, foreign: dict[str, Any], files: Path
) -> None:
    before = state_digest(files)
    for path in (f"masks/{foreign['mask_id']}/", f"masks/{attacker.ids['m']}/"):
        answer = attacker.client.patch(
            f"/api/v1/{path}", {"revision": 1, "z": 5}, headers={"X-As-User": str(world.variables["user_id"])}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "auth.other_user")
    assert state_digest(files) == before


def told(answer: Any, sent: Any) -> tuple[int, Any]:
    """The status and the body of an answer. Where refusals repeat the id that was asked about, it is made the same."""
    return answer.status_code, _unnamed(answer.json() if answer.content else None, str(sent))


def _unnamed(value: Any, sent: str, *, repeats: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            name: _unnamed(one, sent, repeats=repeats or name in ("extra", "message", "id"))
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_unnamed(one, sent, repeats=repeats) for one in value]
    return re.sub(rf"\b{re.escape(sent)}\b", "the id", str(value)) if repeats else value
