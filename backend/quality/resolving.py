"""What several people drew becomes the image's masks: one person's, or their common ones. Until it is accepted it can be
taken back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.annotations.models import Mask
from backend.annotations.services import mask_create, mask_delete
from backend.common.errors import Conflict, InvalidInput, NotFound
from backend.projects.attributes import value_complaint
from backend.projects.audit import audit
from backend.projects.models import LabelAttribute
from backend.quality.agreement import Shape
from backend.quality.comparing import consensus_refresh, release
from backend.quality.merging import Group, groups, is_kept, majority_label, majority_pixels
from backend.quality.models import ConsensusImage, PairAgreement
from backend.users.models import User
from backend.work.handing import work_submit
from backend.work.leases import give_back
from backend.work.models import Hold, Status
from backend.work.reviewing import work_accept
from backend.work.statuses import RESTING, status_change, work_locked

State = ConsensusImage.State
Way = ConsensusImage.Way


@dataclass(frozen=True)
class Drawn:
    """What the annotators of an image submitted."""

    masks: dict[uuid.UUID, Mask]
    author_of: dict[uuid.UUID, int]
    groups: list[Group]
    # How many submitted, with or without masks.
    annotators: int

    def shapes(self, group: Group) -> list[Shape]:
        members = [self.masks[pk] for pk in group.members]
        return [Shape(mask.pk, mask.label_id, mask.counts) for mask in members]

    def is_kept(self, group: Group) -> bool:
        return is_kept(group, annotators=self.annotators)


def drawn_on(consensus_image: ConsensusImage) -> Drawn:
    """Three queries for any number of people and masks."""
    replicas = consensus_image.replicas.filter(
        image__work__status=Status.SUBMITTED, image__annotator__isnull=False
    )
    annotator_of = dict(replicas.values_list("image", "image__annotator"))
    rows = (
        Mask.objects.filter(image__in=annotator_of)
        .select_related("model_version")
        .order_by("created_at", "pk")
    )
    masks = {mask.pk: mask for mask in rows}
    author_of = {mask.pk: annotator_of[mask.image_id] for mask in masks.values()}
    pairs = [
        (uuid.UUID(one), uuid.UUID(other), iou)
        for matches in PairAgreement.objects.filter(consensus_image=consensus_image).values_list(
            "matches", flat=True
        )
        for one, other, iou in matches
    ]
    found = groups(author_of=author_of, pairs=pairs)
    return Drawn(masks, author_of, found, len(annotator_of))


@transaction.atomic
def consensus_resolve(
    *,
    consensus_image: ConsensusImage,
    actor: User,
    way: ConsensusImage.Way,
    annotator_id: int | None = None,
    objects: Sequence[uuid.UUID] | None = None,
    accept: bool = False,
) -> ConsensusImage:
    """Writes the masks of `annotator_id` (pick), or of all in common (merge), to the original, which `actor` submits and,
    where wanted, accepts.

    `objects` are the masks to take of the picked ones, or the keys of the groups; without it all of the picked masks, or
    each group that at least half of the annotators drew. Raises Conflict `consensus.state` unless it is ready,
    `consensus.changed` for an object that is not there, InvalidInput `consensus.annotator`.
    """
    held = _held(consensus_image, State.READY)
    drawn = drawn_on(held)
    is_pick = way == Way.PICK
    chosen = _picked(held, drawn, annotator_id, objects) if is_pick else _merged(held, drawn, objects)
    release(held.image_id)
    written = [_write(held, fields, actor) for fields in chosen]
    work_submit(image=held.image, user=actor)
    if accept:
        work_accept(image=held.image, user=actor)
    held.state, held.way, held.written = State.RESOLVED, way, [str(pk) for pk in written]
    held.picked_id = annotator_id if is_pick else None
    held.resolved_by, held.resolved_at = actor, timezone.now()
    held.save()
    _tell(held, actor, "consensus.resolved", way=way, masks=len(written), annotator=annotator_id)
    return held


@transaction.atomic
def consensus_reopen(*, consensus_image: ConsensusImage, actor: User) -> ConsensusImage:
    """Takes the resolution back: the masks it wrote go, and the original is held again.

    Raises Conflict `consensus.state` unless it is resolved, `consensus.accepted` once somebody accepted the image.
    """
    held = _held(consensus_image, State.RESOLVED)
    item = work_locked(image_id=held.image_id)
    if item.status == Status.ACCEPTED or item.hold:
        raise Conflict(
            "The image was accepted. Reject it first, and it can be resolved anew.", "consensus.accepted"
        )
    for mask in Mask.objects.filter(image=held.image, pk__in=held.written).select_related("image"):
        mask_delete(mask=mask, editor=actor, revision=mask.revision)
    _rest(held.image_id, actor)
    held.state, held.way, held.written = State.READY, "", []
    held.picked, held.resolved_by, held.resolved_at = None, None, None
    held.save()
    consensus_refresh(consensus_image_id=held.pk)
    _tell(held, actor, "consensus.reopened")
    held.refresh_from_db()
    return held


def _rest(image_id: int, actor: User) -> None:
    """The original as it was while its round was on."""
    item = work_locked(image_id=image_id)
    if item.status == Status.SUBMITTED:
        item = status_change(item, Status.IN_PROGRESS, actor=actor, reviewer=None)
    if item.status not in RESTING:
        item = give_back(item, actor=actor, reason="resolution reopened")
    item.assignee, item.is_taken, item.hold, item.review_reason = None, False, Hold.CONSENSUS, ""
    item.save(update_fields=["assignee", "is_taken", "hold", "review_reason"])


def _held(consensus_image: ConsensusImage, wanted: ConsensusImage.State) -> ConsensusImage:
    rows = ConsensusImage.objects.select_for_update(of=("self",), no_key=True)
    held = rows.select_related("image__project", "round").filter(pk=consensus_image.pk).first()
    if held is None:
        raise NotFound("The image was deleted in the meantime.", "consensus.not_found")
    if held.state != wanted:
        raise Conflict(
            f"This image is {held.get_state_display().lower()}, not {wanted.label.lower()}.",
            "consensus.state",
            {"state": held.state},
        )
    return held


def _picked(
    held: ConsensusImage, drawn: Drawn, annotator_id: int | None, objects: Sequence[uuid.UUID] | None
) -> list[dict[str, Any]]:
    submitted = held.replicas.filter(image__work__status=Status.SUBMITTED, image__annotator=annotator_id)
    if annotator_id is None or not submitted.exists():
        raise InvalidInput("Pick one of those who submitted the image.", "consensus.annotator")
    own = [pk for pk, author in drawn.author_of.items() if author == annotator_id]
    chosen = own if objects is None else _known(objects, own)
    return [_fields(drawn.masks[pk], drawn.masks[pk].counts, drawn.masks[pk].label_id) for pk in chosen]


def _merged(held: ConsensusImage, drawn: Drawn, objects: Sequence[uuid.UUID] | None) -> list[dict[str, Any]]:
    by_key = {group.key: group for group in drawn.groups}
    kept = [key for key, group in by_key.items() if drawn.is_kept(group)]
    fields = []
    for key in kept if objects is None else _known(objects, list(by_key)):
        shapes = drawn.shapes(by_key[key])
        pixels = majority_pixels(
            [shape.counts for shape in shapes], height=held.image.height, width=held.image.width
        )
        if pixels is None:
            # No pixel has a majority: they agree on the object in a chain, each with the next, and all on nothing.
            continue
        label_id = majority_label(shapes)
        like = next(shape for shape in shapes if shape.label_id == label_id)
        merged = _fields(drawn.masks[like.id], pixels, label_id)
        seconds = sum(drawn.masks[shape.id].seconds_spent for shape in shapes)
        # What the model said was said of one of them, not of this one.
        fields.append(
            merged | {"seconds_spent": seconds, "predicted_iou": None, "stability_score": None}
            if len(shapes) > 1
            else merged
        )
    return fields


def _known(objects: Sequence[uuid.UUID], there: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    wanted = list(dict.fromkeys(objects))
    if set(wanted) - set(there):
        raise Conflict("Somebody submitted something else in the meantime: look again.", "consensus.changed")
    return wanted


def _fields(like: Mask, counts: str, label_id: int | None) -> dict[str, Any]:
    """What a mask that is like this one is made of."""
    return {
        "label_id": label_id,
        "counts": counts,
        "z": like.z,
        "attributes": _attributes(like, label_id),
        "prompts": like.prompts,
        "model": str(like.model_version) if like.model_version else None,
        "predicted_iou": like.predicted_iou,
        "stability_score": like.stability_score,
        "stage": like.stage,
        "seconds_spent": like.seconds_spent,
    }


def _attributes(like: Mask, label_id: int | None) -> dict[str, Any]:
    """The values that still fit: definitions may have changed since."""
    if label_id is None or not like.attributes:
        return {}
    return {
        str(attribute.pk): like.attributes[str(attribute.pk)]
        for attribute in LabelAttribute.objects.filter(label=label_id)
        if str(attribute.pk) in like.attributes
        and not value_complaint(attribute.kind, attribute.choices, like.attributes[str(attribute.pk)])
    }


def _write(held: ConsensusImage, fields: dict[str, Any], actor: User) -> uuid.UUID:
    size = [held.image.height, held.image.width]
    values = dict(fields)
    segmentation = {"size": size, "counts": values.pop("counts")}
    mask, _ = mask_create(
        image=held.image,
        author=actor,
        mask_id=uuid.uuid4(),
        segmentation=segmentation,
        tool=Mask.Tool.MERGE,
        **values,
    )
    return mask.pk


def _tell(held: ConsensusImage, actor: User, action: str, **data: Any) -> None:
    audit(
        project=held.image.project,
        actor=actor,
        action=action,
        subject=held.image.file_name,
        image_id=held.image_id,
        round=held.round.name,
        **data,
    )
