"""Tags of images: which there are, which image has which, and where they go along."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.formats.registry import FORMATS
from backend.images.models import Image
from backend.images.services import replicas_create
from backend.projects.members import membership_set
from backend.projects.models import AuditEntry, Membership, Project
from backend.tags.models import ImageTag, Tag
from backend.tags.services import MAX_TAGS, images_tag, tag_create
from backend.users.models import User
from tests.backend.imports.test_imports import exported, imported, looked, masks, target
from tests.builders import make_image

__all__ = ["masks", "target"]


@pytest.fixture
def images(project: Project) -> list[Image]:
    return [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(4)]


@pytest.fixture
def night(project: Project) -> Tag:
    return tag_create(project=project, name="night")


def tagged(api: APIClient, project: Project, images: list[Image], **tags: list[int]) -> Any:
    body = {"image_ids": [image.pk for image in images], **tags}
    return api.post(f"/api/v1/projects/{project.pk}/images/tags/", body)


def listed(api: APIClient, project: Project, **query: Any) -> dict[int, list[int]]:
    answer = api.get(f"/api/v1/projects/{project.pk}/images/", query)
    assert answer.status_code == 200, answer.content
    return {image["id"]: image["tags"] for image in answer.json()["results"]}


def test_tags_are_made_renamed_and_deleted(api: APIClient, project: Project, images: list[Image]) -> None:
    address = f"/api/v1/projects/{project.pk}/tags/"
    night = api.post(address, {"name": "night"}).json()
    fog = api.post(address, {"name": "fog", "color": "#ABCDEF"}).json()
    assert night["color"] != fog["color"] == "#abcdef"
    assert api.post(address, {"name": "fog"}).json()["code"] == "tag.name_taken"
    assert api.post(address, {"name": ""}).status_code == 400
    assert api.patch(f"/api/v1/tags/{fog['id']}/", {"name": "night"}).json()["code"] == "tag.name_taken"
    assert api.patch(f"/api/v1/tags/{fog['id']}/", {"name": "haze"}).json()["name"] == "haze"
    assert [tag["name"] for tag in api.get(address).json()] == ["night", "haze"]
    tagged(api, project, images, add=[fog["id"]])
    assert api.delete(f"/api/v1/tags/{fog['id']}/").status_code == 204
    assert not ImageTag.objects.exists()
    assert set(listed(api, project)) == {image.pk for image in images}
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "subject"))
    assert actions[-5:] == [
        *(("tag.created", "night"), ("tag.created", "fog"), ("tag.changed", "haze")),
        *(("images.tagged", "haze"), ("tag.deleted", "haze")),
    ]


def test_many_images_get_and_lose_tags_at_once(
    api: APIClient, project: Project, images: list[Image], night: Tag
) -> None:
    fog = tag_create(project=project, name="fog")
    assert tagged(api, project, images[:3], add=[night.pk]).json() == {"added": 3, "removed": 0}
    assert tagged(api, project, images[:3], add=[night.pk]).json() == {"added": 0, "removed": 0}
    answer = tagged(api, project, images[1:], add=[fog.pk, night.pk], remove=[night.pk])
    assert answer.json() == {"added": 3, "removed": 2}
    wanted = {images[0].pk: [night.pk]} | {image.pk: [fog.pk] for image in images[1:]}
    assert listed(api, project) == wanted
    assert set(listed(api, project, tag=fog.pk)) == {image.pk for image in images[1:]}
    assert listed(api, project, tag=2**40) == {}
    assert api.get(f"/api/v1/images/{images[0].pk}/").json()["tags"] == [night.pk]
    assert AuditEntry.objects.filter(action="images.tagged").count() == 2


def test_what_is_not_there_changes_nothing(
    api: APIClient,
    project: Project,
    images: list[Image],
    night: Tag,
    owner: User,
    make_project: Callable[..., Project],
) -> None:
    other = make_project(owner, "Other")
    foreign = make_image(other)
    elsewhere = tag_create(project=other, name="night")
    assert tagged(api, project, [*images, foreign], add=[night.pk]).json()["code"] == "image.not_found"
    answer = tagged(api, project, images, add=[night.pk, elsewhere.pk])
    assert (answer.json()["code"], answer.json()["extra"]) == ("tag.unknown", {"tags": [elsewhere.pk]})
    assert tagged(api, project, [], add=[night.pk]).json()["code"] == "input.invalid"
    assert not ImageTag.objects.exists()


def test_a_project_has_so_many_tags_and_no_more(api: APIClient, project: Project) -> None:
    Tag.objects.bulk_create(
        Tag(project=project, name=str(number), color="#000000") for number in range(MAX_TAGS)
    )
    answer = api.post(f"/api/v1/projects/{project.pk}/tags/", {"name": "one more"})
    assert (answer.status_code, answer.json()["code"]) == (409, "tag.too_many")


def test_a_replica_has_its_originals_tags(
    api: APIClient,
    project: Project,
    images: list[Image],
    night: Tag,
    owner: User,
    make_user: Callable[[str], User],
    client_of: Callable[[User], APIClient],
) -> None:
    annotator = make_user("iris")
    membership_set(project=project, user=annotator, role=Membership.Role.ANNOTATOR)
    tagged(api, project, images[:1], add=[night.pk])
    (replica,) = replicas_create(pairs=[(images[0], annotator)])
    fog = tag_create(project=project, name="fog")
    tagged(api, project, images, add=[fog.pk])
    theirs = client_of(annotator)
    assert listed(theirs, project)[replica.pk] == [night.pk, fog.pk]
    assert set(listed(theirs, project, tag=night.pk)) == {replica.pk}
    images_tag(project=project, actor=owner, image_ids=[images[0].pk], add=[], remove=[night.pk])
    assert listed(theirs, project, tag=night.pk) == listed(api, project, tag=night.pk) == {}


def test_a_list_costs_the_same_however_many_tags_there_are(
    api: APIClient, project: Project, images: list[Image], owner: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            listed(api, project)
        return len(context)

    bare = queries()
    tags = [tag_create(project=project, name=str(number)).pk for number in range(9)]
    ids = [image.pk for image in images]
    images_tag(project=project, actor=owner, image_ids=ids, add=tags, remove=[])
    assert queries() == bare
    with CaptureQueriesContext(connection) as context:
        images_tag(project=project, actor=owner, image_ids=ids, add=tags[:2], remove=tags[2:])
    assert len(context) <= 12


def test_an_export_is_of_images_with_a_tag_and_says_their_tags(
    api: APIClient, project: Project, masks: list[Mask], night: Tag
) -> None:
    fog = tag_create(project=project, name="fog")
    first, second, third = project.images.order_by("pk")
    tagged(api, project, [first, third], add=[night.pk, fog.pk])
    tagged(api, project, [second], add=[fog.pk])
    archive = zipfile.ZipFile(io.BytesIO(exported(project, tags=[night.pk])))
    document = json.loads(archive.read("annotations/instances_train.json"))
    assert [image.get("tags") for image in document["images"]] == [["night", "fog"]] * 2
    assert len(document["annotations"]) == 2


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_tags_without_a_place_are_in_the_account(
    api: APIClient, project: Project, masks: list[Mask], night: Tag, name: str
) -> None:
    tagged(api, project, list(project.images.all()), add=[night.pk])
    archive = zipfile.ZipFile(io.BytesIO(exported(project, name)))
    # The third image has no mask, and so no row in a table.
    wanted = {"csv": 1, "parquet": 1}.get(name, 0) if FORMATS[name].has_tags else 3
    assert json.loads(archive.read("losses.json"))["tags_lost"] == wanted


@pytest.mark.parametrize("name", ["coco", "coco_panoptic", "sa1b", "datumaro"])
def test_an_import_brings_tags_by_their_names(
    api: APIClient, project: Project, masks: list[Mask], night: Tag, target: Project, owner: User, name: str
) -> None:
    fog = tag_create(project=project, name="fog")
    first, _, third = project.images.order_by("pk")
    tagged(api, project, [first, third], add=[night.pk, fog.pk])
    theirs = tag_create(project=target, name="NIGHT")
    content = exported(project, name)
    assert looked(api, target, owner, content, name)["tags"] == ["fog", "night"]
    for policy in ("skip", "skip", "replace"):
        imported(api, target, owner, content, name, policy=policy)
        assert target.tags.count() == 2
        assert set(theirs.images.values_list("sha256", flat=True)) == {first.sha256, third.sha256}


def test_an_image_that_stays_as_it_is_gets_no_tags(
    api: APIClient, project: Project, masks: list[Mask], night: Tag, owner: User
) -> None:
    tagged(api, project, list(project.images.all()), add=[night.pk])
    content = exported(project)
    ImageTag.objects.all().delete()
    imported(api, project, owner, content, policy="skip")
    # The third has no masks: what the data set says of it is new.
    assert [image.pk for image in night.images.all()] == [project.images.order_by("pk")[2].pk]
    imported(api, project, owner, content, policy="add")
    assert night.images.count() == 3
