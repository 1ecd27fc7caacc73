"""Links that make whoever opens one a member, once."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.common.errors import Conflict, NotFound, PermissionRefused
from backend.projects.audit import audit
from backend.projects.invitation_mails import mail_allow
from backend.projects.members import may_make_owners
from backend.projects.models import Invitation, Membership, Project
from backend.users.models import User

MAX_DAYS: Final = 90
_SECRET_BYTES: Final = 32


def invitation_list(*, project: Project) -> QuerySet[Invitation]:
    """All there ever were, the newest first."""
    return project.invitations.select_related("created_by", "accepted_by").order_by("-pk")


@transaction.atomic
def invitation_create(
    *, project: Project, creator: User, role: Membership.Role, days: int, note: str = "", email: str = ""
) -> tuple[Invitation, str]:
    """An invitation and its secret, which is told only here. `days`: how long it holds, up to MAX_DAYS.

    `email` is remembered; the mail is `invitation_mail`'s to send, once this is committed. Raises PermissionRefused
    `member.owner_only` where somebody who is no owner invites one, and as `mail_allow` does.
    """
    if role == Membership.Role.OWNER and not may_make_owners(project=project, user=creator):
        raise PermissionRefused("Only an owner makes owners and takes them away.", "member.owner_only")
    if email:
        mail_allow(project=project)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    invitation = Invitation.objects.create(
        project=project,
        role=role,
        digest=_digest(secret),
        note=note,
        email=email,
        created_by=creator,
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit(
        project=project,
        actor=creator,
        action="invitation.made",
        subject=note or email,
        role=str(role),
        days=days,
    )
    return invitation, secret


def invitation_revoke(*, user: User, invitation_id: int) -> None:
    """Shuts a link nobody used; one that is shut already stays so. Raises NotFound `invitation.not_found`, Conflict
    `invitation.used`."""
    open_or_revoked = Invitation.objects.filter(pk=invitation_id, project__memberships__user=user)
    with transaction.atomic():
        held = open_or_revoked.select_related("project").select_for_update(of=("self",))
        invitation = held.first()
        if invitation is None:
            raise NotFound("There is no such invitation.", "invitation.not_found")
        if invitation.accepted_at is not None:
            raise Conflict("Somebody came in by this link already.", "invitation.used")
        if invitation.revoked_at is None:
            invitation.revoked_at = timezone.now()
            invitation.save(update_fields=["revoked_at"])
            audit(
                project=invitation.project,
                actor=user,
                action="invitation.revoked",
                subject=invitation.note or invitation.email,
                role=invitation.role,
            )


@transaction.atomic
def invitation_accept(*, user: User, secret: str) -> Project:
    """Makes `user` a member and uses the link up. Members stay what they are, and leave the link to others.

    Raises NotFound `invitation.not_found`, Conflict `invitation.used`, `invitation.revoked`, `invitation.expired`.
    """
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("project")
    invitation = rows.filter(digest=_digest(secret)).first()
    if invitation is None:
        raise NotFound("There is no such invitation: is the link whole?", "invitation.not_found")
    if Membership.objects.filter(project=invitation.project, user=user).exists():
        return invitation.project
    now = timezone.now()
    if invitation.accepted_at is not None:
        raise Conflict("Somebody came in by this link already. Ask for another one.", "invitation.used")
    if invitation.revoked_at is not None:
        raise Conflict("This invitation was taken back. Ask for another one.", "invitation.revoked")
    if invitation.expires_at <= now:
        raise Conflict("This invitation is too old. Ask for another one.", "invitation.expired")
    Membership.objects.create(project=invitation.project, user=user, role=invitation.role)
    invitation.accepted_at, invitation.accepted_by = now, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    audit(
        project=invitation.project,
        actor=user,
        action="member.joined",
        subject=str(user),
        role=invitation.role,
        invitation=invitation.note,
    )
    return invitation.project


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
