from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError

from backend.common.errors import Conflict
from backend.projects.attributes import label_attributes_set
from backend.projects.audit import audit, fields_changed
from backend.projects.events import project_deleting, project_model_changed
from backend.projects.models import Label, Membership, Project
from backend.projects.palette import PALETTE
from backend.projects.selectors import project_locked
from backend.users.models import User

# By which people label.
RULES = ("is_class_free", "mask_seconds_hint", "order_hint")


@transaction.atomic
def project_create(
    *,
    owner: User,
    name: str,
    description: str = "",
    licence_note: str = "",
    guidelines: str = "",
    model: Any = None,
    **rules: Any,
) -> Project:
    """A project owned by `owner`, with the label "object", so that a mask can be saved at once; `rules` are `RULES`.

    `model` is a ModelVersion; None takes the default one. Raises Conflict `model.none_registered` without any.
    """
    if model is None:
        versions = Project._meta.get_field("model").related_model._default_manager
        model = versions.filter(is_default=True).first()
    if model is None:
        raise Conflict(
            "No model is registered on this server yet: `python manage.py register_models`.",
            "model.none_registered",
        )
    project = Project.objects.create(
        name=name,
        description=description,
        licence_note=licence_note,
        guidelines=guidelines,
        model=model,
        **rules,
    )
    Membership.objects.create(project=project, user=owner, role=Membership.Role.OWNER)
    label_create(project=project, name="object", actor=owner)
    return project


@transaction.atomic
def project_update(
    *, project: Project, changes: dict[str, Any], actor: User | None = None, reason: str = "chosen"
) -> Project:
    """Sets `name`, `description`, `licence_note`, `guidelines`, `model`, and the `RULES` by which people label. Another
    model requests embeddings for all its images; `reason` is how it came about, for apps that have a say in it.

    Images that are being uploaded wait for this, or this for them: none is left to the model of before.
    """
    project = project_locked(project_id=project.pk)
    is_new_model = "model" in changes and changes["model"].pk != project.model_id
    model_before = project.model
    named = fields_changed(project, changes, ["name", "licence_note", *RULES])
    # Of long texts only that they were changed.
    rewritten = fields_changed(project, changes, ["description", "guidelines"])
    for field, value in changes.items():
        setattr(project, field, value)
    project.save(update_fields=list(changes))
    if named or rewritten:
        audit(
            project=project,
            actor=actor,
            action="project.changed",
            subject=project.name,
            changed=named,
            rewritten=list(rewritten),
        )
    if is_new_model:
        audit(
            project=project,
            actor=actor,
            action="project.model_switched",
            subject=project.name,
            changed={"model": [str(model_before), str(project.model)]},
            **({} if reason == "chosen" else {"reason": reason}),
        )
        project_model_changed.send(
            sender=Project, project=project, before=model_before, actor=actor, reason=reason
        )
    return project


@transaction.atomic
def project_delete(*, project: Project) -> None:
    """Removes the project with its labels, images, masks and files."""
    # Uploads that are going on find it gone, rather than leave an image that keeps it from going.
    project_locked(project_id=project.pk)
    project_deleting.send(sender=Project, project=project)
    project.delete()


@transaction.atomic
def label_create(
    *,
    project: Project,
    name: str,
    supercategory: str = "",
    color: str = "",
    attributes: list[dict[str, Any]] | None = None,
    actor: User | None = None,
) -> Label:
    """A new label with the next free category id. Raises Conflict `label.name_taken`, and what
    `label_attributes_set` raises."""
    # Two people at once would both count to the same number, and the second be told that the name is taken.
    project_locked(project_id=project.pk)
    last = project.labels.aggregate(last=Max("category_id"))["last"] or 0
    try:
        with transaction.atomic():
            label = Label.objects.create(
                project=project,
                name=name,
                supercategory=supercategory,
                color=color.lower() or PALETTE[last % len(PALETTE)],
                category_id=last + 1,
            )
    except IntegrityError as error:
        raise _label_conflict(name) from error
    audit(project=project, actor=actor, action="label.created", subject=name, category_id=label.category_id)
    if attributes:
        label_attributes_set(label=label, wanted=attributes, actor=actor)
    return label


@transaction.atomic
def label_update(*, label: Label, changes: dict[str, Any], actor: User | None = None) -> Label:
    """Sets `name`, `supercategory`, `color`, `attributes`. Raises what label_create raises."""
    fields = dict(changes)
    attributes = fields.pop("attributes", None)
    changed = fields_changed(label, fields, fields)
    for field, value in fields.items():
        setattr(label, field, value)
    try:
        with transaction.atomic():
            label.save(update_fields=list(fields))
    except IntegrityError as error:
        raise _label_conflict(label.name) from error
    if changed:
        audit(project=label.project, actor=actor, action="label.changed", subject=label.name, changed=changed)
    if attributes is not None:
        label_attributes_set(label=label, wanted=attributes, actor=actor)
    return label


def label_delete(*, label: Label, actor: User | None = None) -> None:
    """Removes a label nobody uses. Raises Conflict `label.in_use`."""
    try:
        with transaction.atomic():
            audit(
                project=label.project,
                actor=actor,
                action="label.deleted",
                subject=label.name,
                category_id=label.category_id,
            )
            label.delete()
    except ProtectedError as error:
        count = len(error.protected_objects)
        raise Conflict(
            f"{count} masks carry this label. Give them another one first.",
            "label.in_use",
            {"mask_count": count},
        ) from error


def _label_conflict(name: str) -> Conflict:
    return Conflict(f"This project already has a label named {name!r}.", "label.name_taken")
