"""A project with one of everything, somebody for every role, and for every operation a request that is in order."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.comments.services import thread_create
from backend.embeddings.models import ModelVersion
from backend.embeddings.services import crop_request
from backend.embeddings.windows import Window
from backend.evaluations.models import Evaluation
from backend.fairness.models import FairnessReport
from backend.images.models import Image
from backend.jobs.services import job_enqueue
from backend.privacy.services import privacy_set
from backend.projects.invitations import invitation_create
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.projects.services import label_create
from backend.proposals.models import Proposal, ProposalRun
from backend.proposals.services import run_create
from backend.proposals.storing import proposals_store
from backend.quality.check_models import QualityCheck
from backend.quality.checks import check_create
from backend.quality.rounds import round_create
from backend.tags.services import tag_create
from backend.users.models import User
from backend.webhooks.services import webhook_create, webhook_ping
from backend.work.models import WorkItem
from tests.builders import (
    make_file,
    make_found,
    make_image,
    make_mask_body,
    make_pixels,
    make_training_run,
    make_zip,
)


@dataclass(frozen=True)
class World:
    """A project with one of everything, and somebody for every role."""

    project: Project
    people: dict[Membership.Role, User]
    image: Image
    mask: Mask
    variables: dict[str, Any]
    bodies: dict[tuple[str, str], Any]


def _image_with_original(project: Project, owner: User) -> Image:
    """It came while faces were blurred, which is over."""
    privacy_set(project=project, actor=owner, changes={"faces": True})
    image: Image = make_image(project, seed=1)
    privacy_set(project=project, actor=owner, changes={"faces": False})
    return image


def _proposed(project: Project, owner: User, image: Image) -> tuple[ProposalRun, Proposal]:
    run, _ = run_create(
        project=project, creator=owner, job_id=uuid.uuid4(), stage="semi_automatic", preset="fitted"
    )
    proposals_store(run=run, image=image, found=[make_found(image)])
    return run, Proposal.objects.get()


def _checked(project: Project, client: APIClient, checker: User) -> QualityCheck:
    """Of one accepted image with a mask."""
    image = make_image(project, seed=4)
    body = make_mask_body(image, project.labels.order_by("pk")[0].pk)
    assert client.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    WorkItem.objects.filter(pk=image.pk).update(status="accepted")
    return check_create(
        project=project,
        actor=project.memberships.order_by("pk")[0].user,
        name="first",
        checker_ids=[checker.pk],
        masks=1,
    )


def world_make(project: Project, owner: User, make_user: Callable[[str], User]) -> World:
    people = {role: owner if role == "owner" else make_user(role) for role in Membership.Role}
    for role, user in people.items():
        membership_set(project=project, user=user, role=role)
    # So that the one who asks may leave.
    membership_set(project=project, user=make_user("second-owner"), role=Membership.Role.OWNER)
    bystander = make_user("bystander")
    membership_set(project=project, user=bystander, role=Membership.Role.VIEWER)
    image = _image_with_original(project, owner)
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
    proposing, proposal = _proposed(project, owner, image)
    free = make_image(project, seed=3)
    check = _checked(project, client, people[Membership.Role.ANNOTATOR])
    retrained = ModelVersion.objects.create(
        name=project.model.name, version="0" * 12, manifest=project.model.manifest, parent=project.model
    )
    run = make_training_run(project, owner, retrained)
    report = FairnessReport.objects.create(
        job=job_enqueue(kind="fairness", params={}, project=project, creator=owner),
        project=project,
        model_version=project.model,
        first_click="random",
        max_masks=10,
        seed=0,
    )
    evaluation = Evaluation.objects.create(
        job=job_enqueue(kind="evaluate", params={}, project=project, creator=owner),
        project=project,
        model_version=project.model,
        task="instances",
        settings={"max_images": 10},
        report={"images": 2, "ap": {"truth": {"refined": {"ap": 0.5}}}},
    )
    picture = SimpleUploadedFile("new.png", make_file(make_pixels(seed=9)), "image/png")
    return World(
        project=project,
        people=people,
        image=image,
        mask=Mask.objects.get(pk=body["id"]),
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
            "training_run_id": run.pk,
            "fairness_report_id": report.pk,
            "evaluation_id": evaluation.pk,
            "round_id": compared.pk,
            "consensus_image_id": compared.images.get().pk,
            "check_id": check.pk,
            "proposal_run_id": proposing.pk,
            "proposal_id": proposal.pk,
        },
        bodies={
            ("PATCH", "projects/{project_id}/"): {"description": "other"},
            ("PATCH", "projects/{project_id}/members/{user_id}/"): {"role": "annotator"},
            ("POST", "projects/{project_id}/invitations/"): {"role": "annotator"},
            ("PATCH", "projects/{project_id}/privacy/"): {"originals": "destroy"},
            ("PATCH", "projects/{project_id}/work/order/"): {"order": "random"},
            ("POST", "projects/{project_id}/labels/"): {"name": "new"},
            ("PATCH", "labels/{label_id}/"): {"name": "newer"},
            ("POST", "projects/{project_id}/tags/"): {"name": "new"},
            ("PATCH", "tags/{tag_id}/"): {"name": "newer"},
            ("POST", "projects/{project_id}/images/tags/"): {"image_ids": [image.pk], "add": [tag.pk]},
            ("POST", "projects/{project_id}/images/"): {"files": [picture]},
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
            ("POST", "images/{image_id}/words/"): {"word": "dog"},
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
            ("POST", "projects/{project_id}/quality/checks/"): {
                "name": "second",
                "checker_ids": [owner.pk],
                "masks": 1,
            },
            ("PATCH", "projects/{project_id}/quality/settings/"): {"ground_truth_rate": 5},
            ("POST", "projects/{project_id}/proposal-runs/"): {
                "id": str(uuid.uuid4()),
                "stage": "fully_automatic",
            },
            ("POST", "projects/{project_id}/proposals/decide/"): {
                "decision": "reject",
                "ids": [str(proposal.pk)],
            },
            ("POST", "images/{image_id}/proposals/decide/"): {"reject": [str(proposal.pk)]},
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
            ("POST", "projects/{project_id}/training-runs/"): {"id": str(uuid.uuid4())},
            ("POST", "training-runs/{training_run_id}/promote/"): {"even_if_worse": False},
            ("POST", "projects/{project_id}/fairness-reports/"): {"id": str(uuid.uuid4())},
            ("POST", "projects/{project_id}/evaluations/"): {"id": str(uuid.uuid4()), "task": "probe"},
            ("POST", "projects/{project_id}/masks/bulk/"): {
                "operations": [{"op": "create", "image": image.pk, **body, "id": str(uuid.uuid4())}]
            },
            ("PATCH", "masks/{mask_id}/"): {"revision": 2, "z": 3},
            ("DELETE", "masks/{mask_id}/"): {"revision": 2},
            ("POST", "masks/{mask_id}/restore/"): {"revision": 1, "from": 2},
        },
    )
