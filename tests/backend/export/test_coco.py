import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.annotations.services import mask_create
from backend.export.dataset import project_dataset
from backend.export.selection import Selection
from backend.images.models import Image
from backend.projects.attributes import RESERVED_NAMES, label_attributes_set
from backend.projects.models import Label, Project
from backend.projects.services import label_create
from backend.users.models import User
from tests.builders import encode_mask, make_image, make_mask_body


@pytest.fixture
def masks(api: APIClient, project: Project) -> list[np.ndarray]:
    """Four masks on two of three images, of two labels, as bool arrays in the order they were saved."""
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(3)]
    labels = [project.labels.get().pk, label_create(project=project, name="cät", supercategory="animal").pk]
    pixels = []
    for number in range(4):
        mask = np.random.default_rng(number).random((30, 40)) > 0.6
        mask |= number == 3  # one covers the whole picture, the others are full of holes
        image = images[(number % 2) * 2]
        sent = make_mask_body(image, labels[number % 2], segmentation=encode_mask(mask))
        assert api.post(f"/api/v1/images/{image.pk}/masks/", sent).status_code == 201
        pixels.append(mask)
    return pixels


def export(api: APIClient, project: Project) -> bytes:
    answer = api.get(f"/api/v1/projects/{project.pk}/export/coco/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    assert answer["Content-Disposition"] == 'attachment; filename="cats-coco.json"'
    content: bytes = answer.getvalue()
    return content


def test_pycocotools_reads_the_file_and_decodes_the_same_pixels(
    api: APIClient, project: Project, masks: list[np.ndarray], tmp_path: Path
) -> None:
    path = tmp_path / "coco.json"
    path.write_bytes(export(api, project))
    coco = COCO(str(path))
    assert sorted(coco.anns) == [1, 2, 3, 4]
    assert {key: row["file_name"] for key, row in coco.imgs.items()} == {1: "0.png", 2: "1.png", 3: "2.png"}
    assert {category["name"]: category["id"] for category in coco.cats.values()} == {"object": 1, "cät": 2}
    for number, mask in enumerate(masks, start=1):
        annotation = coco.anns[number]
        assert np.array_equal(coco.annToMask(annotation).astype(bool), mask)
        assert annotation["area"] == mask.sum()
        assert annotation["bbox"] == coco_mask.toBbox(annotation["segmentation"]).tolist()
        assert annotation["iscrowd"] == 0
        assert annotation["image_id"] == (1, 3)[(number - 1) % 2]
        assert annotation["category_id"] == (1, 2)[(number - 1) % 2]


def test_the_same_rows_give_the_same_bytes(api: APIClient, project: Project, masks: list[np.ndarray]) -> None:
    assert export(api, project) == export(api, project)


def test_masks_keep_their_images_while_people_delete_and_add_some(
    project: Project, owner: User, masks: list[np.ndarray]
) -> None:
    """A slow client: the list of images is on its way already when the masks are read."""

    def save(image: Image, label: Label) -> None:
        body = make_mask_body(image, label.pk)
        mask_create(
            image=image,
            author=owner,
            mask_id=uuid.uuid4(),
            label_id=label.pk,
            **{name: body[name] for name in ("segmentation", "prompts", "stage")},
        )

    dataset = project_dataset(project=project, selection=Selection(), has_pictures=False)

    def masks_now() -> list[tuple[int, int]]:
        return [(picture.number, mask.number) for picture, found in dataset.items() for mask in found]

    def pictures_now() -> list[tuple[int, str]]:
        return [(picture.number, picture.name) for picture, _ in dataset.items()]

    assert masks_now() == [(1, 1), (1, 3), (3, 2), (3, 4)]
    assert pictures_now() == [(1, "0.png"), (2, "1.png"), (3, "2.png")]
    Image.objects.get(file_name="1.png").delete()
    later = make_image(project, seed=9, name="later.png")
    known = project.labels.get(name="object")
    save(later, known)
    save(Image.objects.get(file_name="2.png"), label_create(project=project, name="new"))
    assert masks_now() == [(1, 1), (1, 3), (3, 2), (3, 4)]
    assert pictures_now() == [(1, "0.png"), (3, "2.png")]
    dataset = project_dataset(project=project, selection=Selection(), has_pictures=False)
    assert masks_now() == [(1, 1), (1, 3), (3, 2), (3, 4), (3, 6), (4, 5)]
    assert len(dataset.categories) == 3


def test_what_made_a_mask_goes_along(api: APIClient, project: Project, masks: list[np.ndarray]) -> None:
    first: dict[str, Any] = json.loads(export(api, project))["annotations"][0]
    stored = Mask.objects.order_by("created_at").first()
    assert stored is not None
    assert first["attributes"]["uuid"] == str(stored.pk)
    assert first["attributes"]["predicted_iou"] == 0.91
    assert first["attributes"]["model"] == str(project.model)
    assert first["attributes"]["author"] == "ada"


def test_attributes_leave_by_name_and_never_under_a_name_exports_use(
    api: APIClient, project: Project, masks: list[np.ndarray]
) -> None:
    label = project.labels.get(name="object")
    [colour, legs] = label_attributes_set(
        label=label,
        wanted=[
            {"name": "colour", "kind": "select", "choices": ["red", "blue"], "default": "red"},
            {"name": "legs", "kind": "number"},
        ],
    )
    said, _ = Mask.objects.filter(label=label).order_by("created_at")
    said.attributes = {str(colour.pk): "blue", str(legs.pk): 4, "999999": "of an attribute that is gone"}
    said.save()
    annotations = sorted(json.loads(export(api, project))["annotations"], key=lambda entry: entry["id"])
    written = [annotation["attributes"] for annotation in annotations]
    assert [(row.get("colour"), row.get("legs", "-")) for row in written] == [
        ("blue", 4),
        (None, "-"),
        ("red", None),
        (None, "-"),
    ]
    assert set(written[1]) == RESERVED_NAMES


def test_masks_without_a_label_are_refused_left_out_or_put_in_a_category_of_their_own(
    api: APIClient, project: Project, masks: list[np.ndarray], tmp_path: Path
) -> None:
    url = f"/api/v1/projects/{project.pk}/export/coco/"
    Mask.objects.filter(pk__in=Mask.objects.order_by("created_at").values("pk")[1:2]).update(label=None, z=7)
    refused = api.get(url)
    assert (refused.status_code, refused.json()["code"]) == (409, "export.unlabelled_masks")
    assert refused.json()["extra"] == {"mask_count": 1}
    skipped = json.loads(api.get(url, {"unlabelled": "skip"}).getvalue())
    assert [row["id"] for row in skipped["annotations"]] == [1, 3, 4]
    assert [row["id"] for row in skipped["categories"]] == [1, 2]
    path = tmp_path / "coco.json"
    path.write_bytes(api.get(url, {"unlabelled": "include"}).getvalue())
    coco = COCO(str(path))
    [unlabelled] = coco.loadAnns(coco.getAnnIds(catIds=[0]))
    assert coco.cats[0]["name"] == "unlabelled"
    assert np.array_equal(coco.annToMask(unlabelled).astype(bool), masks[1])
    assert unlabelled["attributes"]["z"] == 7
    assert api.get(url, {"unlabelled": "maybe"}).json()["code"] == "input.invalid"


def test_an_empty_project_is_a_valid_file(api: APIClient, project: Project) -> None:
    body = json.loads(export(api, project))
    assert (body["images"], body["annotations"]) == ([], [])
    assert [(category["id"], category["name"]) for category in body["categories"]] == [(1, "object")]


def test_licences_are_listed_once_and_named_by_images(api: APIClient, project: Project) -> None:
    image = make_image(project)
    image.licence_note = "CC0"
    image.save()
    make_image(project, seed=1)
    body = json.loads(export(api, project))
    assert [(entry["id"], entry["name"]) for entry in body["licenses"]] == [(1, "CC0")]
    assert [entry.get("license") for entry in body["images"]] == [1, None]
