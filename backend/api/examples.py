"""What the documentation shows of the operations that scripts use most: a request and its answer, by operation."""

from typing import Any, Final

_TIME: Final = "2026-03-01T09:30:00.000000Z"
_MASK_ID: Final = "3f0a7c52-6f0e-4f0b-9a63-2a6d9d4f8f11"
_OTHER_ID: Final = "9b2f1c1e-7d53-4a43-8d0e-0c1f5f0c9a77"
_JOB_ID: Final = "5d1f6f0a-33c1-4a8e-9f43-5a1b0c9e2d10"
_THREAD_ID: Final = "c0c4a2a1-2f59-4e0c-8a3e-6b1d0a7f4e21"
_TYPED: Final = "a long secret"
_FOR_SCRIPTS: Final = "am_5xJ2v0aQm7"
_ADA: Final = {"id": 1, "display_name": "Ada"}

# 3 pixels wide and 50 high, its corner at (200, 100) of a picture of 640 x 480.
_SEGMENTATION: Final = {"size": [480, 640], "counts": "Tkm2b1^=000lg\\6"}
_PROMPTS: Final = {"points": [[201.5, 125.0, 1]], "box": None, "candidate": 1}

_LABEL_SENT: Final = {
    "name": "cat",
    "supercategory": "animal",
    "color": "#e69f00",
    "attributes": [{"name": "asleep", "kind": "checkbox", "default": False}],
}
_LABEL: Final = {
    "id": 7,
    "name": "cat",
    "supercategory": "animal",
    "color": "#e69f00",
    "category_id": 2,
    "mask_count": 0,
    "attributes": [{"id": 3, "name": "asleep", "kind": "checkbox", "choices": [], "default": False}],
}
_MASK_SENT: Final = {
    "id": _MASK_ID,
    "label": 7,
    "segmentation": _SEGMENTATION,
    "prompts": _PROMPTS,
    "model": "anymask_s@0123456789ab",
    "predicted_iou": 0.91,
    "stability_score": 0.97,
    "stage": "assisted_manual",
    "seconds_spent": 3.25,
    "tool": "smart",
}
_MASK: Final = {
    **_MASK_SENT,
    "image": 42,
    "z": 0,
    "attributes": {"3": False},
    "bbox": [200, 100, 3, 50],
    "area": 150,
    "model_iou": 1.0,
    "author": "Ada",
    "revision": 1,
    "created_at": _TIME,
    "updated_at": _TIME,
    "updated_by": "Ada",
}
_IMAGE: Final = {
    "id": 42,
    "project": 5,
    "file_name": "street.jpg",
    "width": 640,
    "height": 480,
    "byte_size": 183211,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "source_sha256": "",
    "blurred_count": 0,
    "has_source": False,
    "licence_note": "CC0",
    "created_at": _TIME,
    "mask_count": 1,
    "tags": [11],
    "embedding": {
        "state": "ready",
        "model": {"name": "anymask_s", "version": "0123456789ab"},
        "attempts": 1,
        "error_code": "",
        "error_message": "",
        "seconds": 1.4,
    },
    "work": {
        "status": "in_progress",
        "status_since": _TIME,
        "hold": "",
        "assignee": _ADA,
        "is_taken": True,
        "lease_expires_at": _TIME,
        "reviewer": None,
        "review_reason": "",
        "rank": None,
        "score": None,
    },
    "thumbnail_url": "/api/v1/images/42/thumbnail/?v=9f86d081884c7d65",
    "file_url": "/api/v1/images/42/file/?v=9f86d081884c7d65",
    "preview_url": "/api/v1/images/42/file/?v=9f86d081884c7d65",
    "embedding_url": "/api/v1/images/42/embedding/?v=4b227777d4dd1fc6",
}
_PROPOSAL: Final = {
    "id": _MASK_ID,
    "run": 3,
    "image": 42,
    "file_name": "street.jpg",
    "stage": "semi_automatic",
    "segmentation": _SEGMENTATION,
    "bbox": [200, 100, 3, 50],
    "area": 150,
    "predicted_iou": 0.91,
    "stability_score": 0.97,
    "point_coords": [[201.5, 125.0]],
    "crop_box": [0, 0, 640, 480],
    "model": "anymask_s@0123456789ab",
    "label": 7,
    "state": "open",
    "outcome": None,
    "decided_by": None,
    "decided_at": None,
    "mask": None,
    "cutout_url": f"/api/v1/proposals/{_MASK_ID}/cutout/",
}
_STALE: Final = {
    "code": "mask.stale_revision",
    "message": "This mask was changed in the meantime. Look at its present state first.",
    "extra": {"current": {**_MASK, "id": _OTHER_ID, "revision": 4}, "deleted": None},
}


def _page(*results: dict[str, Any]) -> dict[str, Any]:
    return {"next": None, "previous": None, "results": list(results)}


# By the operation's id: what is sent, and what is answered by status.
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "auth_token_create": {
        "request": {"username": "ada", "password": _TYPED},
        "200": {"token": _FOR_SCRIPTS},
    },
    "projects_create": {
        "request": {"name": "Street cats", "description": "Cats seen from cars", "licence_note": "CC0"}
    },
    "projects_labels_create": {"request": _LABEL_SENT, "201": _LABEL},
    "projects_labels_list": {"200": [_LABEL]},
    "projects_images_list": {"200": _page(_IMAGE)},
    "projects_work_next_create": {"200": {"image_id": 42}},
    "images_masks_list": {"200": [_MASK]},
    "images_masks_create": {"request": _MASK_SENT, "201": _MASK},
    "masks_partial_update": {
        "request": {"revision": 1, "label": 7, "tool": "relabel"},
        "200": {**_MASK, "revision": 2, "tool": "relabel"},
        "409": _STALE,
    },
    "projects_quality_checks_create": {
        "request": {"name": "Before release 1", "checker_ids": [2], "masks": 500, "seed": 7},
        "201": {
            "id": 3,
            "name": "Before release 1",
            "seed": 7,
            "masks_wanted": 500,
            "checkers": [{"id": 2, "display_name": "Bo"}],
            "created_by": _ADA,
            "created_at": _TIME,
            "closed_at": None,
            "applied_at": None,
            "image_count": 12,
            "mask_count": 538,
            "open_count": 12,
            "submitted_count": 0,
            "applied_count": 0,
            "refused_count": 0,
            "figures": None,
        },
    },
    "projects_masks_list": {"200": _page(_MASK)},
    "projects_masks_bulk": {
        "request": {
            "atomic": False,
            "operations": [
                {"op": "create", "image": 42, **_MASK_SENT},
                {"op": "update", "id": _OTHER_ID, "revision": 3, "label": 7},
            ],
        },
        "200": {
            "results": [
                {"index": 0, "id": _MASK_ID, "status": 201, "mask": _MASK, "error": None},
                {"index": 1, "id": _OTHER_ID, "status": 409, "mask": None, "error": _STALE},
            ],
            "succeeded": 1,
            "failed": 1,
        },
    },
    "projects_jobs_create": {
        "request": {"id": _JOB_ID, "kind": "export", "params": {"format": "coco", "pictures": True}},
        "201": {
            "id": _JOB_ID,
            "kind": "export",
            "title": "Export: COCO",
            "project": 5,
            "project_name": "Street cats",
            "created_by": _ADA,
            "params": {"format": "coco", "pictures": True},
            "state": "queued",
            "is_cancelling": False,
            "is_expired": False,
            "attempts": 0,
            "progress": {"done": 0, "total": None, "unit": "images"},
            "eta_seconds": None,
            "created_at": _TIME,
            "started_at": None,
            "finished_at": None,
            "result": None,
            "error_code": "",
            "error_message": "",
            "allowed": ["cancel"],
        },
    },
    "projects_training_runs_create": {
        "request": {"id": _JOB_ID, "projects": [6], "parts": "auto", "max_minutes": 30, "steps": None}
    },
    "training_runs_promote_create": {"request": {"even_if_worse": False}},
    "projects_fairness_reports_create": {
        "request": {"id": _JOB_ID, "model": None, "max_masks": 2000, "seed": 0, "first_click": "random"}
    },
    "projects_evaluations_create": {
        "request": {"id": _JOB_ID, "task": "proposals", "model": None, "settings": {"max_images": 50}}
    },
    "fairness_reports_groups": {
        "200": {
            "by": "tag",
            "clicks": 1,
            "masks": 1240,
            "overall": {"mean": 0.572, "low": 0.561, "high": 0.583},
            "groups": [
                {
                    "key": "11",
                    "name": "night",
                    "color": "#e69f00",
                    "masks": 610,
                    "images": 74,
                    "miou": {"mean": 0.544, "low": 0.527, "high": 0.561},
                    "difference": {"mean": -0.057, "low": -0.078, "high": -0.036},
                    "is_small": False,
                },
                {
                    "key": "",
                    "name": "No tag",
                    "color": None,
                    "masks": 630,
                    "images": 81,
                    "miou": {"mean": 0.601, "low": 0.589, "high": 0.613},
                    "difference": {"mean": 0.057, "low": 0.036, "high": 0.078},
                    "is_small": False,
                },
            ],
            "warnings": [
                {
                    "worse": "11",
                    "better": "",
                    "text": "Masks tagged “night” are segmented worse at 1 click: 54.4 ± 1.7 against 60.1 ± 1.2 for "
                    "masks without a tag.",
                }
            ],
            "pairs": 1,
            "differing": 1,
            "masks_gone": 0,
            "masks_changed": 3,
        }
    },
    "projects_proposal_runs_create": {
        "request": {"id": _JOB_ID, "stage": "semi_automatic", "label": 7, "settings": {"points_per_side": 24}}
    },
    "images_proposals_list": {"200": [_PROPOSAL]},
    "projects_proposals_decide": {
        "request": {"decision": "accept", "ids": [_MASK_ID, _OTHER_ID]},
        "200": {
            "decided": 1,
            "unchanged": 0,
            "refused": 1,
            "results": [
                {"id": _MASK_ID, "state": "accepted", "outcome": "untouched", "error": None},
                {
                    "id": _OTHER_ID,
                    "state": "open",
                    "outcome": None,
                    "error": {
                        "code": "proposal.covered",
                        "message": "A mask that was made since lies over it.",
                    },
                },
            ],
        },
    },
    "masks_similar": {
        "200": {
            "is_ready": True,
            "vectors": 5120,
            "is_cut": False,
            "missing": 0,
            "job": None,
            "results": [
                {
                    "mask": _OTHER_ID,
                    "revision": 3,
                    "image": 42,
                    "file_name": "street.jpg",
                    "label": None,
                    "area": 150,
                    "similarity": 0.97,
                    "cutout_url": f"/api/v1/masks/{_OTHER_ID}/cutout/?v=3-1",
                }
            ],
        }
    },
    "projects_work_order_update": {
        "request": {"order": "uncertainty"},
        "200": {
            "order": "uncertainty",
            "ranked": 0,
            "unranked": 1200,
            "has_parent": False,
            "job": _JOB_ID,
            "bins": [0] * 20,
        },
    },
    "projects_dashboard_engine_retrieve": {
        "200": {
            "rows": [
                {
                    "key": "1",
                    "name": "anymask_s@0123456789ab",
                    "reason": "promoted",
                    "retrained_from": "anymask_s@ba9876543210",
                    "since": _TIME,
                    "until": None,
                    "images": 40,
                    "masks": 1760,
                    "masks_per_image": 44.0,
                    "hand_masks": 880,
                    "seconds_per_mask": 14.0,
                    "clicks_per_mask": 2.5,
                    "seconds_per_any_mask": 8.0,
                    "prefilled": 880,
                    "prefilled_untouched": 660,
                    "prefilled_fixed": 220,
                    "prefilled_share": 0.5,
                    "proposals_open": 12,
                    "proposals_untouched": 660,
                    "proposals_fixed": 220,
                    "proposals_rejected": 220,
                    "untouched_share": 0.6,
                    "fixed_share": 0.2,
                    "rejected_share": 0.2,
                    "miou": 0.81,
                    "miou_before": 0.78,
                    "miou_difference": 0.03,
                    "miou_low": 0.01,
                    "miou_high": 0.05,
                    "is_held_out": True,
                    "verdict": "better",
                    "train_images": 160,
                    "train_masks": 4100,
                    "val_images": 40,
                    "val_masks": 1020,
                }
            ]
        }
    },
    "images_threads_create": {
        "request": {"id": _THREAD_ID, "x": 201.5, "y": 125.0, "mask": _MASK_ID, "text": "Is this a cat?"}
    },
}


def add_examples(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Puts the examples into the schema. Raises LookupError for one of an operation that is not there."""
    waiting = dict(EXAMPLES)
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            named = operation.get("operationId") if isinstance(operation, dict) else None
            for place, value in waiting.pop(str(named), {}).items():
                _body(operation, place)["example"] = value
    if waiting:
        raise LookupError(f"no operation is named {', '.join(sorted(waiting))}")
    return result


def _body(operation: dict[str, Any], place: str) -> dict[str, Any]:
    """The JSON body of the request or of the answer with this status."""
    holder = operation["requestBody"] if place == "request" else operation["responses"][place]
    body: dict[str, Any] = holder["content"]["application/json"]
    return body
