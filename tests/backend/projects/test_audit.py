"""What people did to a project is kept, told to its managers, and never changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from backend.images.models import Image
from backend.projects.audit import audit
from backend.projects.members import membership_set
from backend.projects.models import AuditEntry, Membership, Project
from backend.users.models import User
from tests.builders import make_file, make_mask_body, make_pixels

Role = Membership.Role


def told(api: APIClient, project: Project, query: str = "") -> list[dict[str, Any]]:
    answer = api.get(f"/api/v1/projects/{project.pk}/audit/{query}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def newest(api: APIClient, project: Project) -> tuple[str, str, dict[str, Any]]:
    """Action, subject and data of the newest entry, which ada made."""
    entry = told(api, project)[0]
    assert entry["actor"]["display_name"] == "ada"
    return entry["action"], entry["subject"], entry["data"]


@pytest.fixture
def bob(project: Project, make_user: Callable[[str], User]) -> User:
    user = make_user("bob")
    membership_set(project=project, user=user, role=Role.ANNOTATOR)
    return user


def test_changes_of_the_project_and_its_model(api: APIClient, project: Project, other_model: Any) -> None:
    url = f"/api/v1/projects/{project.pk}/"
    api.patch(url, {"name": "Dogs", "description": "new", "licence_note": project.licence_note})
    assert newest(api, project) == (
        "project.changed",
        "Dogs",
        {"changed": {"name": ["Cats", "Dogs"]}, "rewritten": ["description"]},
    )
    before = str(project.model)
    api.patch(url, {"model": other_model.pk})
    assert newest(api, project) == (
        "project.model_switched",
        "Dogs",
        {"changed": {"model": [before, str(other_model)]}},
    )
    count = AuditEntry.objects.count()
    api.patch(url, {"name": "Dogs"})
    assert AuditEntry.objects.count() == count, "what changes nothing is nothing to tell"


def test_labels_and_their_attributes(api: APIClient, project: Project) -> None:
    label_id = api.post(f"/api/v1/projects/{project.pk}/labels/", {"name": "cat"}).json()["id"]
    assert newest(api, project) == ("label.created", "cat", {"category_id": 2})
    url = f"/api/v1/labels/{label_id}/"
    api.patch(url, {"name": "lynx"})
    assert newest(api, project) == ("label.changed", "lynx", {"changed": {"name": ["cat", "lynx"]}})
    api.patch(url, {"attributes": [{"name": "legs", "kind": "number"}]})
    action, subject, data = newest(api, project)
    assert (action, subject, data["before"]) == ("label.attributes_changed", "lynx", [])
    assert data["after"] == [{"name": "legs", "kind": "number", "choices": [], "default": None}]
    api.delete(url)
    assert newest(api, project) == ("label.deleted", "lynx", {"category_id": 2})


def test_what_is_refused_is_not_told(api: APIClient, project: Project, image: Image) -> None:
    label = project.labels.get()
    api.post(f"/api/v1/images/{image.pk}/masks/", make_mask_body(image, label.pk))
    count = AuditEntry.objects.count()
    assert api.delete(f"/api/v1/labels/{label.pk}/").status_code == 409
    assert api.post(f"/api/v1/projects/{project.pk}/labels/", {"name": label.name}).status_code == 409
    assert AuditEntry.objects.count() == count


def test_members(api: APIClient, project: Project, bob: User, client_of: Callable[[User], APIClient]) -> None:
    joined = told(api, project)[0]
    assert (joined["action"], joined["actor"], joined["data"]) == (
        "member.joined",
        None,
        {"role": "annotator"},
    )
    url = f"/api/v1/projects/{project.pk}/members/{bob.pk}/"
    api.patch(url, {"role": "reviewer"})
    assert newest(api, project) == (
        "member.role_changed",
        "bob",
        {"changed": {"role": ["annotator", "reviewer"]}},
    )
    count = AuditEntry.objects.count()
    api.patch(url, {"role": "reviewer"})
    assert AuditEntry.objects.count() == count
    api.delete(url)
    assert newest(api, project) == ("member.removed", "bob", {"role": "reviewer"})
    membership_set(project=project, user=bob, role=Role.VIEWER)
    client_of(bob).delete(url)
    left = told(api, project)[0]
    assert (left["action"], left["actor"]["id"]) == ("member.left", bob.pk)


def test_invitations(api: APIClient, stranger: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/invitations/"
    made = api.post(url, {"role": "viewer", "note": "for Eve"}).json()
    assert newest(api, project) == ("invitation.made", "for Eve", {"role": "viewer", "days": 7})
    stranger.post("/api/v1/invitations/accept/", {"secret": made["secret"]})
    joined = told(api, project)[0]
    assert (joined["action"], joined["actor"]["display_name"], joined["data"]) == (
        "member.joined",
        "eve",
        {"role": "viewer", "invitation": "for Eve"},
    )
    assert made["secret"] not in str(told(api, project))
    second = api.post(url, {"role": "viewer"}).json()
    for _ in range(2):
        api.delete(f"/api/v1/invitations/{second['id']}/")
    assert newest(api, project) == ("invitation.revoked", "", {"role": "viewer"})
    assert len(told(api, project, "?action=invitation.revoked")) == 1


def test_uploads_are_one_entry_and_deletions_another(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/images/"

    def files(*contents: bytes) -> dict[str, Any]:
        return {"files": [SimpleUploadedFile(f"{n}.png", content) for n, content in enumerate(contents)]}

    first, second = (make_file(make_pixels(seed=seed)) for seed in (1, 2))
    created = api.post(url, files(first, second, first, b"no picture"), format="multipart").json()["created"]
    assert newest(api, project) == (
        "images.uploaded",
        "0.png",
        {"created": 2, "duplicates": 1, "refused": 1},
    )
    api.post(url, files(first), format="multipart")
    assert len(told(api, project, "?action=images")) == 1, "nothing came of the second batch"
    api.delete(f"/api/v1/images/{created[0]['id']}/")
    action, subject, data = newest(api, project)
    assert (action, subject, data["image_id"]) == ("image.deleted", "0.png", created[0]["id"])


def test_exports(api: APIClient, project: Project) -> None:
    api.get(f"/api/v1/projects/{project.pk}/export/coco/?unlabelled=include")
    assert newest(api, project) == ("export.taken", "coco", {"includes_unlabelled": True})


def test_work_that_is_assigned_and_judged(api: APIClient, project: Project, image: Image, bob: User) -> None:
    api.post(f"/api/v1/projects/{project.pk}/work/assign/", {"image_ids": [image.pk], "user_ids": [bob.pk]})
    given = [{"user_id": bob.pk, "name": "bob", "count": 1}]
    assert newest(api, project) == ("work.assigned", "", {"assigned": 1, "given": given})
    work = f"/api/v1/images/{image.pk}/work/"
    api.post(f"{work}submit/")
    api.post(f"{work}reject/", {"reason": "a hole"})
    rejected = ("work.rejected", "one.png", {"image_id": image.pk, "reason": "a hole"})
    assert newest(api, project) == rejected
    api.post(f"{work}submit/")
    api.post(f"{work}accept/")
    assert newest(api, project) == ("work.accepted", "one.png", {"image_id": image.pk})
    api.post(f"{work}reject/", {"reason": "look again"})
    assert newest(api, project)[0] == "work.reopened"


def test_entries_are_found_by_who_what_and_when(api: APIClient, project: Project, bob: User) -> None:
    AuditEntry.objects.all().delete()
    for actor, action in ((bob, "label.created"), (None, "label.deleted"), (bob, "export.taken")):
        audit(project=project, actor=actor, action=action)
    first, second, third = AuditEntry.objects.order_by("pk")

    def found(query: str) -> list[int]:
        return [entry["id"] for entry in told(api, project, query)]

    assert found("") == [third.pk, second.pk, first.pk]
    assert found("?action=label.") == [second.pk, first.pk]
    assert found(f"?action=label.&actor={bob.pk}") == [first.pk]
    moment = second.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert found(f"?since={moment}") == [third.pk, second.pk]
    assert found(f"?until={moment}") == [first.pk]
    assert api.get(f"/api/v1/projects/{project.pk}/audit/?since=yesterday").status_code == 400
    answer = api.get(f"/api/v1/projects/{project.pk}/audit/?page_size=2").json()
    assert (len(answer["results"]), answer["next"] is None) == (2, False)


def test_the_log_goes_with_the_project_only(
    api: APIClient, project: Project, make_user: Callable[[str], User]
) -> None:
    gone = make_user("gone")
    audit(project=project, actor=gone, action="label.created")
    gone.delete()
    assert told(api, project)[0]["actor"] is None
    for method in (api.post, api.patch, api.delete, api.put):
        assert method(f"/api/v1/projects/{project.pk}/audit/").status_code == 405
    assert api.delete(f"/api/v1/projects/{project.pk}/").status_code == 204
    assert not AuditEntry.objects.exists()


def test_guidelines_are_told_with_the_project_alone(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/"
    text = "    code first\n\n# Cats\n"
    assert api.patch(url, {"guidelines": text}).json()["guidelines"] == text
    assert api.get(url).json()["guidelines"] == text
    assert newest(api, project)[2] == {"changed": {}, "rewritten": ["guidelines"]}
    assert "guidelines" not in api.get("/api/v1/projects/").json()["results"][0]
    assert api.patch(url, {"guidelines": "x" * 100_001}).status_code == 400
