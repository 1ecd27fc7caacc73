"""Puts a little of everything that has rows and files into the demo project: what a backup must bring back."""

import os
import uuid

from backend.annotations.services import mask_create, mask_update
from backend.embeddings.services import embedding_claim_batch, embedding_store
from backend.jobs.claims import job_claim
from backend.jobs.context import JobContext
from backend.jobs.running import job_run
from backend.jobs.services import job_enqueue
from backend.projects.models import Project
from backend.users.models import User
from tests.builders import encode_mask, make_image, rectangle


def fill() -> None:
    """Images with masks, one of them changed once, finished embeddings and others, and the file of an export."""
    project, user = Project.objects.get(), User.objects.get()
    label = project.labels.order_by("pk")[0]
    for seed in range(3):
        image = make_image(project, seed=seed, name=f"{seed}.png")
        mask, _ = mask_create(
            image=image,
            author=user,
            mask_id=uuid.uuid4(),
            label_id=label.pk,
            segmentation=encode_mask(rectangle(image.height, image.width, 4, 3, 9, 13)),
            prompts={"points": [[5.5, 6.5, 1]], "box": None, "candidate": 1},
            stage="assisted_manual",
            seconds_spent=2.0,
        )
    mask_update(mask=mask, editor=user, revision=mask.revision, changes={"label_id": None})
    claim, rows = embedding_claim_batch(limit=5, lease_seconds=60)
    for row in rows:
        assert embedding_store(embedding=row, claim=claim, content=os.urandom(1000), seconds=0.5)
    params = {"unlabelled": "include"}
    job_enqueue(kind="export.coco", params=params, project=project, creator=user)
    claim, job = job_claim(queue="default", worker="drill", lease_seconds=60)
    assert job is not None
    job_run(JobContext(job, claim))()
    job.refresh_from_db()
    assert job.file_key, job.error_message
