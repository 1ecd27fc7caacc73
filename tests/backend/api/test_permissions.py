"""The table of permissions against the server, cell by cell: real people, real requests."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.comments.models import Comment
from backend.comments.services import thread_create
from backend.embeddings.services import crop_request
from backend.embeddings.windows import Window
from backend.images.models import Image
from backend.jobs.models import Job
from backend.jobs.services import job_enqueue
from backend.launch.layout import ROOT
from backend.projects.access import API_ROOT, endpoint_of
from backend.projects.invitations import invitation_create
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.projects.permissions import (
    FOR_PEOPLE,
    FOR_STRANGERS,
    PROJECT_RULES,
    Cell,
    Relation,
    matrix,
    may,
)
from backend.projects.services import label_create
from backend.quality.rounds import round_create
from backend.tags.services import tag_create
from backend.users.models import User
from backend.webhooks.services import webhook_create, webhook_ping
from backend.work.models import Status, WorkItem
from tests.builders import make_file, make_image, make_mask_body, make_pixels, make_zip

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Files that are not there in these tests, and settings that meet no state: the person was let in and told so.
_STATES = {
    404: ("image.no_preview",),
    409: ("embedding.not_ready", "consensus.state", "ground_truth.not_accepted", "job.no_file"),
}


@dataclass(frozen=True)
class World:
    """A project with one of everything, and somebody for every role."""

    project: Project
    people: dict[Membership.Role, User]
    image: Image
    mask: Mask
    variables: dict[str, Any]
    bodies: dict[tuple[str, str], Any]


@pytest.fixture
def world(project: Project, owner: User, make_user: Callable[[str], User]) -> World:
    people = {role: owner if role == "owner" else make_user(role) for role in Membership.Role}
    for role, user in people.items():
        membership_set(project=project, user=user, role=role)
    # So that the one who asks may leave.
    membership_set(project=project, user=make_user("second-owner"), role=Membership.Role.OWNER)
    bystander = make_user("bystander")
    membership_set(project=project, user=bystander, role=Membership.Role.VIEWER)
    image = make_image(project, seed=1)
    client = APIClient()
    client.force_login(owner)
    body = make_mask_body(image, project.labels.get().pk)
    assert client.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    assert client.patch(f"/api/v1/masks/{body['id']}/", {"revision": 1, "z": 2}).status_code == 200
    window = Window(4, 2, 28, 26)
    crop_request(image=image, window=window)
    invitation, _ = invitation_create(project=project, creator=owner, role=Membership.Role.VIEWER, days=7)
    label = label_create(project=project, name="unused")
    tag = tag_create(project=project, name="night")
    thread_id = uuid.uuid4()
    thread_create(image=image, author=owner, thread_id=thread_id, x=3, y=4, text="Look here")
    webhook = webhook_create(
        project=project, creator=owner, url="https://8.8.8.8/hook", events=["image.accepted"]
    )
    delivery = webhook_ping(webhook_id=webhook.pk, actor=owner)
    job = job_enqueue(kind="export", params={"format": "coco"}, project=project, creator=owner)
    blind = [people[Membership.Role.ANNOTATOR].pk, people[Membership.Role.REVIEWER].pk]
    compared = round_create(
        project=project,
        actor=owner,
        name="first",
        annotator_ids=blind,
        annotators_per_image=2,
        image_ids=[make_image(project, seed=2).pk],
    )
    free = make_image(project, seed=3)
    picture = SimpleUploadedFile("new.png", make_file(make_pixels(seed=9)), "image/png")
    return World(
        project=project,
        people=people,
        image=image,
        mask=Mask.objects.get(),
        variables={
            "project_id": project.pk,
            "image_id": image.pk,
            "label_id": label.pk,
            "tag_id": tag.pk,
            "mask_id": body["id"],
            "revision": 1,
            "invitation_id": invitation.pk,
            "user_id": bystander.pk,
            "window": str(window),
            "thread_id": thread_id,
            "comment_id": thread_id,
            "webhook_id": webhook.pk,
            "delivery_id": delivery.pk,
            "job_id": job.uuid,
            "round_id": compared.pk,
            "consensus_image_id": compared.images.get().pk,
        },
        bodies={
            ("PATCH", "projects/{project_id}/"): {"description": "other"},
            ("PATCH", "projects/{project_id}/members/{user_id}/"): {"role": "annotator"},
            ("POST", "projects/{project_id}/invitations/"): {"role": "annotator"},
            ("POST", "projects/{project_id}/labels/"): {"name": "new"},
            ("PATCH", "labels/{label_id}/"): {"name": "newer"},
            ("POST", "projects/{project_id}/tags/"): {"name": "new"},
            ("PATCH", "tags/{tag_id}/"): {"name": "newer"},
            ("POST", "projects/{project_id}/images/tags/"): {"image_ids": [image.pk], "add": [tag.pk]},
            ("POST", "projects/{project_id}/images/"): {"files": picture},
            ("POST", "projects/{project_id}/imports/"): {
                "file": SimpleUploadedFile("set.zip", make_zip({"a.json": b"{}"}), "application/zip")
            },
            ("POST", "images/{image_id}/crops/"): {"window": [0, 0, 20, 20]},
            ("POST", "images/{image_id}/decode/"): {
                "point_coords": [[3.0, 4.0]],
                "point_labels": [1],
                "mask_input": None,
                "window": None,
            },
            ("POST", "images/{image_id}/masks/"): body | {"id": str(uuid.uuid4())},
            ("POST", "projects/{project_id}/work/assign/"): {"image_ids": [image.pk], "user_ids": [owner.pk]},
            ("POST", "images/{image_id}/work/skip/"): {"reason": "too dark"},
            ("POST", "images/{image_id}/work/reject/"): {"reason": "a hole"},
            ("POST", "images/{image_id}/threads/"): {
                "id": str(uuid.uuid4()),
                "x": 5.5,
                "y": 6.5,
                "text": "Here",
            },
            ("POST", "projects/{project_id}/quality/rounds/"): {
                "name": "second",
                "annotator_ids": blind,
                "annotators_per_image": 2,
                "image_ids": [free.pk],
            },
            ("PATCH", "projects/{project_id}/quality/settings/"): {"ground_truth_rate": 5},
            ("POST", "consensus-images/{consensus_image_id}/resolve/"): {"way": "merge"},
            ("POST", "threads/{thread_id}/comments/"): {"id": str(uuid.uuid4()), "text": "Yes"},
            ("PATCH", "comments/{comment_id}/"): {"text": "Look there"},
            ("POST", "projects/{project_id}/webhooks/"): {
                "url": "https://8.8.4.4/hook",
                "events": ["image.submitted"],
            },
            ("PATCH", "webhooks/{webhook_id}/"): {"description": "other"},
            ("POST", "projects/{project_id}/jobs/"): {
                "id": str(uuid.uuid4()),
                "kind": "export",
                "params": {"format": "coco"},
            },
            ("PATCH", "masks/{mask_id}/"): {"revision": 2, "z": 3},
            ("DELETE", "masks/{mask_id}/"): {"revision": 2},
            ("POST", "masks/{mask_id}/restore/"): {"revision": 1, "from": 2},
        },
    )


def send(client: APIClient, world: World, cell: Cell, user: User) -> Any:
    variables = world.variables | ({"user_id": user.pk} if cell.relation == Relation.OWN else {})
    if "{user_id}" not in cell.endpoint and cell.relation != Relation.ANY:
        set_relation(world, cell, user)
    address = f"/{API_ROOT}" + cell.endpoint.format(**variables)
    body = world.bodies.get((cell.method, cell.endpoint))
    if cell.method == "DELETE" and body:
        address += "?" + "&".join(f"{name}={value}" for name, value in body.items())
        body = None
    kind = "multipart" if body and {"file", "files"} & set(body) else "json"
    return getattr(client, cell.method.lower())(address, body, format=None if cell.method == "GET" else kind)


def set_relation(world: World, cell: Cell, user: User) -> None:
    """The image's work becomes what the cell is about, in a status from which the step can be taken; so does whose
    the comment and the job are."""
    Comment.objects.update(author=user.pk if cell.relation == Relation.OWN else world.variables["user_id"])
    Job.objects.update(created_by=user.pk if cell.relation == Relation.OWN else world.variables["user_id"])
    is_finished = cell.relation == Relation.LOCKED or cell.endpoint.endswith(
        ("accept/", "reject/", "withdraw/")
    )
    WorkItem.objects.filter(pk=world.image.pk).update(
        status=Status.SUBMITTED if is_finished else Status.IN_PROGRESS,
        assignee=user.pk if cell.relation == Relation.OWN else world.variables["user_id"],
    )


def refused_with(cell: Cell) -> str:
    """Whoever may do it on an image of their own is told that it is about this one."""
    if "{user_id}" in cell.endpoint or not may(cell.role, cell.method, cell.endpoint, Relation.OWN):
        return "project.role_forbids"
    if "{comment_id}" in cell.endpoint:
        return "comment.of_other"
    if "{job_id}" in cell.endpoint:
        return "job.of_other"
    codes = {Relation.OTHER: "image.assigned_to_other", Relation.LOCKED: "image.locked"}
    return codes.get(cell.relation, "project.role_forbids")


def code_of(answer: Any) -> str | None:
    return answer.json().get("code") if answer.headers.get("Content-Type") == "application/json" else None


@pytest.mark.parametrize(
    "cell", list(matrix()), ids=lambda cell: f"{cell.role} {cell.method} {cell.endpoint} {cell.relation}"
)
def test_the_server_does_what_the_table_says(
    cell: Cell, world: World, client_of: Callable[[User], APIClient]
) -> None:
    user = world.people[cell.role]
    answer = send(client_of(user), world, cell, user)
    if not cell.allowed:
        assert (answer.status_code, code_of(answer)) == (403, refused_with(cell))
        return
    if answer.status_code in _STATES:
        assert code_of(answer) in _STATES[answer.status_code]
    else:
        assert 200 <= answer.status_code < 300, answer.content


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route below the API's root as the table writes it, and its view's class."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern) and route.startswith(API_ROOT):
            yield endpoint_of(route), pattern.callback.view_class  # type: ignore[attr-defined]


def test_the_table_has_every_endpoint_and_method_there_is_and_no_other() -> None:
    served = {
        (endpoint, method)
        for endpoint, view in routes()
        for method in METHODS
        if hasattr(view, method.lower())
    }
    listed = [
        (endpoint, method)
        for table in (PROJECT_RULES, FOR_PEOPLE, FOR_STRANGERS)
        for endpoint, methods in table.items()
        for method in methods
    ]
    assert len(listed) == len(set(listed)), "nothing stands in two tables"
    assert set(listed) == served


def test_an_endpoint_the_table_does_not_know_is_shut(
    api: APIClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = dict(PROJECT_RULES)
    del known["projects/{project_id}/labels/"]
    monkeypatch.setattr("backend.projects.access.PROJECT_RULES", known)
    answer = api.get(f"/api/v1/projects/{project.pk}/labels/")
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")


def test_what_is_somebody_elses_work_is_said_before_what_a_role_allows(
    world: World, stranger: APIClient
) -> None:
    """Unsent work in a browser where somebody else logged in must be kept, not taken for work on what is gone."""
    answer = stranger.delete(
        f"/api/v1/masks/{world.mask.pk}/?revision=1",
        headers={"X-As-User": str(world.people[Membership.Role.OWNER].pk)},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.other_user")


def test_the_matrix_is_printed_and_the_documents_show_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("permission_matrix", "--json")
    cells = json.loads(capsys.readouterr().out)
    assert len(cells) == len(list(matrix()))
    assert {
        "role": "viewer",
        "method": "DELETE",
        "endpoint": "projects/{project_id}/",
        "relation": "any",
        "allowed": False,
    } in cells
    call_command("permission_matrix")
    shown = (ROOT / "ARCHITECTURE.md").read_text().partition("<!-- permission_matrix -->\n")[2]
    assert shown.partition("<!-- /permission_matrix -->")[0] == capsys.readouterr().out


def test_a_project_tells_what_ones_role_may_change(
    world: World, client_of: Callable[[User], APIClient]
) -> None:
    for role, user in world.people.items():
        allowed = client_of(user).get(f"/api/v1/projects/{world.project.pk}/").json()["allowed"]
        assert ("POST images/{image_id}/masks/ own" in allowed) == (role != "viewer")
        assert ("POST images/{image_id}/masks/ other" in allowed) == (
            role in ("owner", "manager", "reviewer")
        )
        assert ("DELETE projects/{project_id}/" in allowed) == (role == "owner")
