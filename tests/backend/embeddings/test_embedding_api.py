import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rest_framework.test import APIClient

from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.registration import model_version_make_default
from backend.embeddings.services import embedding_claim_batch, embedding_fail, embedding_store
from backend.images.models import Image
from backend.projects.models import Project
from backend.users.models import User

SHAPE = (1, 64, 16, 16)


def make_ready(image: Image) -> np.ndarray:
    """Stores an embedding as a worker would; returns it as float16 SHAPE."""
    values = np.random.default_rng(0).normal(size=SHAPE).astype("<f2")
    claim, rows = embedding_claim_batch(limit=1, lease_seconds=60)
    assert embedding_store(embedding=rows[0], claim=claim, content=values.tobytes(), seconds=0.1)
    return values


def test_the_file_is_raw_float16_with_etag_range_and_lasting_caching(api: APIClient, image: Image) -> None:
    values = make_ready(image)
    url = api.get(f"/api/v1/images/{image.pk}/").json()["embedding_url"]
    answer = api.get(url)
    content = answer.getvalue()
    assert np.array_equal(np.frombuffer(content, "<f2").reshape(SHAPE), values)
    assert answer["Content-Type"] == "application/octet-stream"
    assert "immutable" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert api.get(url, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    part = api.get(url, HTTP_RANGE="bytes=100-199")
    assert (part.status_code, part.getvalue()) == (206, content[100:200])
    assert "no-cache" in api.get(f"/api/v1/images/{image.pk}/embedding/?v=old")["Cache-Control"]


def test_before_it_is_ready_and_after_it_failed_the_answer_is_409_with_the_reason(
    api: APIClient, image: Image
) -> None:
    url = f"/api/v1/images/{image.pk}/embedding/"
    waiting = api.get(url)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "embedding.not_ready")
    claim, (row,) = embedding_claim_batch(limit=1, lease_seconds=60)
    embedding_fail(embedding=row, claim=claim, code="x.y", message="no luck", is_permanent=True)
    failed = api.get(url)
    assert (failed.status_code, failed.json()["code"]) == (409, "embedding.failed")
    assert "no luck" in failed.json()["message"]
    shown = api.get(f"/api/v1/images/{image.pk}/").json()["embedding"]
    assert (shown["state"], shown["error_code"], shown["error_message"]) == ("failed", "x.y", "no luck")
    retried = api.post(f"{url}retry/").json()
    assert (retried["state"], retried["attempts"]) == ("queued", 0)


def test_sharing_an_embedding_gives_no_access_to_others_images(
    api: APIClient, image: Image, stranger: APIClient
) -> None:
    make_ready(image)
    assert stranger.get(f"/api/v1/images/{image.pk}/embedding/").status_code == 404


def test_models_are_listed_and_served(api: APIClient, model_version: ModelVersion, tiny_folder: Path) -> None:
    (row,) = api.get("/api/v1/models/").json()["results"]
    assert row["manifest"] == api.get(row["manifest_url"]).json()
    for graph in ("prepare", "click"):
        answer = api.get(row[f"{graph}_url"])
        assert answer.getvalue() == (tiny_folder / f"{graph}.onnx").read_bytes()
        assert "immutable" in answer["Cache-Control"]
        assert api.get(row[f"{graph}_url"], headers={"If-None-Match": answer["ETag"]}).status_code == 304
        # Without the digest the address may mean another export tomorrow.
        assert "no-cache" in api.get(f"/api/v1/models/tiny/{row['version']}/{graph}.onnx")["Cache-Control"]
        assert api.get(f"/api/v1/models/tiny/nope/{graph}.onnx").json()["code"] == "model.not_found"


def test_a_model_of_the_old_format_is_a_clear_conflict(
    api: APIClient, image: Image, model_version: ModelVersion
) -> None:
    make_ready(image)
    ModelVersion.objects.update(prepare_key="", click_key="")
    click = api.get(f"/api/v1/models/{model_version.name}/{model_version.version}/click.onnx")
    assert (click.status_code, click.json()["code"]) == (409, "model.no_graphs")
    answer = decode(api, image)
    assert (answer["status"], answer["code"]) == (409, "model.no_graphs")


def decode(api: APIClient, image: Image, **body: object) -> dict[str, object]:
    prompts = {"point_coords": [[100.0, 60.0], [0.0, 0.0]], "point_labels": [1, -1], "mask_input": None}
    answer = api.post(f"/api/v1/images/{image.pk}/decode/", prompts | body)
    result: dict[str, object] = answer.json() | {"status": answer.status_code}
    return result


def test_the_server_decodes_as_the_model_does(api: APIClient, image: Image, tiny_folder: Path) -> None:
    """Compared with torch's own decoder on the same embedding.

    The graphs' weights are stored as float16, which costs some 0.4 % of the logits' spread.
    """
    import torch

    from models.sam.artifact import load_artifact

    values = make_ready(image)
    result = decode(api, image)
    assert result["status"] == 200
    masks = np.frombuffer(base64.b64decode(str(result["low_res_masks"])), "<f4").reshape(4, 64, 64)
    sam = load_artifact(tiny_folder)
    with torch.no_grad():
        points = torch.tensor([[[100.0, 60.0]]]), torch.tensor([[1]])
        sparse, dense = sam.prompt_encoder(points, None, None)
        embedding = torch.from_numpy(values.astype(np.float32))
        positions = sam.prompt_encoder.get_dense_pe()
        low_res, scores = sam.mask_decoder(embedding, positions, sparse, dense, True)
    assert np.abs(masks[1:] - low_res[0].numpy()).max() < 0.01 * float(low_res.std())
    assert np.allclose(result["iou_predictions"][1:], scores[0].numpy(), atol=1e-3)  # type: ignore[index]


def test_previous_logits_change_the_answer(api: APIClient, image: Image) -> None:
    make_ready(image)
    first = decode(api, image)
    logits = np.frombuffer(base64.b64decode(str(first["low_res_masks"])), "<f4").reshape(4, 64, 64)[1]
    second = decode(api, image, mask_input=base64.b64encode(logits.tobytes()).decode())
    assert second["status"] == 200
    assert second["low_res_masks"] != first["low_res_masks"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"mask_input": "not base64!"}, "decode.mask_input"),
        ({"mask_input": "é"}, "decode.mask_input"),
        ({"mask_input": base64.b64encode(b"short").decode()}, "decode.mask_input"),
        (
            {"mask_input": base64.b64encode(np.full(4096, np.nan, "<f4").tobytes()).decode()},
            "decode.mask_input",
        ),
        ({"point_labels": [1]}, "input.invalid"),
        ({"point_labels": [1, 9]}, "input.invalid"),
        ({"point_coords": [["nan", 1.0], [0.0, 0.0]]}, "input.invalid"),
        ({"point_coords": [], "point_labels": []}, "input.invalid"),
    ],
)
def test_malformed_prompts_are_refused(
    api: APIClient, image: Image, body: dict[str, object], code: str
) -> None:
    make_ready(image)
    result = decode(api, image, **body)
    assert (result["status"], result["code"]) == (400, code)


def test_a_project_keeps_its_model_when_another_becomes_the_default(
    image: Image, other_model: ModelVersion, owner: User, make_project: Callable[..., Project]
) -> None:
    model_version_make_default(model_version=other_model)
    assert make_project(owner, "later").model_id == other_model.pk
    image.project.refresh_from_db()
    assert image.project.model_id != other_model.pk
    assert Embedding.objects.get(pk=image.embedding_id).model_version_id == image.project.model_id
