"""Consensus rounds: begun and closed.

Rows are held in one order everywhere: the work on replicas, the round's image, the work on the original.
"""

import secrets
from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from backend.common.errors import Conflict
from backend.images.models import Image
from backend.images.services import replicas_create, replicas_delete
from backend.projects.audit import audit
from backend.projects.models import Project
from backend.projects.selectors import project_locked
from backend.quality.comparing import consensus_refresh
from backend.quality.models import ConsensusImage, ConsensusRound, Replica
from backend.quality.sampling import annotators_named, dealt, images_drawn, images_free, images_named
from backend.users.models import User
from backend.work.events import work_assigned
from backend.work.models import Hold, Status, WorkItem
from backend.work.statuses import RESTING, works_held

State = ConsensusImage.State


@transaction.atomic
def round_create(
    *,
    project: Project,
    actor: User,
    name: str,
    annotator_ids: Sequence[int],
    annotators_per_image: int,
    image_ids: Sequence[int] | None = None,
    count: int | None = None,
    share: float | None = None,
    file_name: str = "",
    seed: int | None = None,
) -> ConsensusRound:
    """Gives each image to `annotators_per_image` of the people, as replicas that are assigned to them like other work.

    Images are named, or drawn by chance: `count` of those that are free, or a `share` of them. The originals are held
    until they are resolved. Raises InvalidInput `consensus.images`, `consensus.annotators`.
    """
    # Two rounds begun at once take turns, and so never take the same image.
    project = project_locked(project_id=project.pk)
    people = annotators_named(project=project, user_ids=annotator_ids, per_image=annotators_per_image)
    if image_ids is not None:
        seed = None
        chosen = images_named(project=project, image_ids=image_ids)
    else:
        seed = secrets.randbelow(2**31) if seed is None else seed
        chosen = images_drawn(project=project, count=count, share=share, name=file_name, seed=seed)
    _hold(project, chosen)
    made = ConsensusRound.objects.create(
        project=project,
        name=name,
        annotators_per_image=annotators_per_image,
        seed=seed,
        created_by=actor,
    )
    by_original = _images_add(made, chosen)
    _replicas_add(by_original, dealt(chosen, people, annotators_per_image), project, actor)
    audit(
        project=project,
        actor=actor,
        action="consensus.begun",
        subject=name,
        images=len(chosen),
        annotators=[str(person) for person in people],
        annotators_per_image=annotators_per_image,
    )
    return made


def _hold(project: Project, chosen: Sequence[int]) -> None:
    """Takes the images out of ordinary work. Raises Conflict `consensus.images_taken` where one was begun just now."""
    held = works_held().filter(pk__in=chosen).order_by("pk")
    list(held)
    free = images_free(project=project).filter(pk__in=chosen)
    if free.count() != len(chosen):
        raise Conflict("Somebody began one of these images in this very moment.", "consensus.images_taken")
    WorkItem.objects.filter(pk__in=chosen).update(hold=Hold.CONSENSUS, assignee=None, is_taken=False)


def _images_add(made: ConsensusRound, chosen: Sequence[int]) -> dict[int, ConsensusImage]:
    rows = ConsensusImage.objects.bulk_create(
        ConsensusImage(round=made, image_id=image_id) for image_id in chosen
    )
    return {row.image_id: row for row in rows}


def _replicas_add(
    by_original: dict[int, ConsensusImage], pairs: list[tuple[int, User]], project: Project, actor: User
) -> None:
    images = Image.objects.in_bulk(list(by_original))
    replicas = replicas_create(pairs=[(images[image_id], person) for image_id, person in pairs])
    Replica.objects.bulk_create(
        Replica(
            image=replica,
            kind=Replica.Kind.CONSENSUS,
            consensus_image=by_original[replica.original_id or 0],
        )
        for replica in replicas
    )
    # They hear of it as of any work that is given to them.
    counts = Counter(person.pk for _, person in pairs)
    work_assigned.send(sender=WorkItem, project=project, actor=actor, counts=dict(counts))


@transaction.atomic
def round_close(*, consensus_round: ConsensusRound, actor: User) -> ConsensusRound:
    """Nobody is waited for any more who has not begun: their replicas go, and what they left there.

    Images that somebody submitted are ready to be resolved; those that nobody did are ordinary images again, once the
    last one at work on them has submitted. Closing again does the same again.
    """
    waiting = ConsensusImage.objects.filter(round=consensus_round, state__in=(State.OPEN, State.READY))
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    replicas = works_held().filter(image__quality__consensus_image__in=keys).order_by("pk")
    resting = [item.pk for item in replicas if item.status in RESTING | {Status.REJECTED}]
    removed = replicas_delete(replicas=Image.objects.filter(pk__in=resting))
    for key in keys:
        consensus_refresh(consensus_image_id=key, is_closed=True)
    now = timezone.now()
    ConsensusRound.objects.filter(pk=consensus_round.pk).update(closed_at=now, closed_by=actor)
    audit(
        project=consensus_round.project,
        actor=actor,
        action="consensus.closed",
        subject=consensus_round.name,
        replicas_removed=removed,
    )
    consensus_round.refresh_from_db()
    return consensus_round
