import json
import uuid

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from tests.backend.conftest import rectangle, rle

pytestmark = pytest.mark.django_db


def test_the_export_is_coco_that_pycocotools_reads(api, project, image, tmp_path):
    label = project.labels.get()
    masks = [rectangle(48, 64, 5, 7, 20, 30), rectangle(48, 64, 0, 0, 48, 64)]
    masks[0][8:12, 10:20] = False  # a hole
    for mask in masks:
        body = {
            "id": str(uuid.uuid4()),
            "label": label.pk,
            "segmentation": rle(mask),
            "prompts": {"points": [], "box": [0, 0, 3, 3], "candidate": 0},
            "stage": "assisted_manual",
            "seconds_spent": 1.0,
        }
        assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    answer = api.get(f"/api/v1/projects/{project.pk}/export/coco/")
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"].startswith("application/json")
    assert "attachment" in answer["Content-Disposition"]
    assert content == b"".join(api.get(f"/api/v1/projects/{project.pk}/export/coco/").streaming_content)
    file = tmp_path / "coco.json"
    file.write_bytes(content)
    coco = COCO(file)
    annotations = coco.loadAnns(coco.getAnnIds())
    assert [row["id"] for row in annotations] == [1, 2]
    assert {row["iscrowd"] for row in annotations} == {0}
    assert coco.loadCats(coco.getCatIds())[0]["name"] == "object"
    assert coco.loadImgs(coco.getImgIds())[0]["file_name"] == "one.png"
    for row, mask in zip(annotations, masks, strict=True):
        assert np.array_equal(coco_mask.decode(row["segmentation"]).astype(bool), mask)
        assert row["area"] == int(mask.sum())


def test_an_empty_project_exports_valid_empty_lists(api, project):
    content = b"".join(api.get(f"/api/v1/projects/{project.pk}/export/coco/").streaming_content)
    data = json.loads(content)
    assert (data["images"], data["annotations"]) == ([], [])
    assert [row["id"] for row in data["categories"]] == [1]
