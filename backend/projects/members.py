"""Who belongs to a project: changes of memberships. What a role may do stands in `permissions`."""

from django.db import transaction
from django.db.models import QuerySet

from backend.common.errors import Conflict, NotFound, PermissionRefused
from backend.projects.audit import audit
from backend.projects.events import member_left
from backend.projects.models import Membership, Project
from backend.projects.selectors import project_locked
from backend.users.models import User

Role = Membership.Role


def membership_list(*, project: Project) -> QuerySet[Membership]:
    """The project's members, the first one first."""
    return Membership.objects.filter(project=project).select_related("user").order_by("pk")


@transaction.atomic
def membership_set(
    *, project: Project, user: User, role: Membership.Role, actor: User | None = None
) -> Membership:
    """Makes `user` a member with `role`, or changes the role, whoever asks."""
    before = Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()
    membership, is_new = Membership.objects.update_or_create(
        project=project, user=user, defaults={"role": role}
    )
    if is_new:
        audit(project=project, actor=actor, action="member.joined", subject=str(user), role=role)
    elif before != role:
        _tell_role(membership, actor, before)
    return membership


@transaction.atomic
def membership_change(*, project: Project, editor: User, user_id: int, role: Membership.Role) -> Membership:
    """Gives a member another role.

    Raises NotFound `member.not_found`, PermissionRefused `member.owner_only` where an owner comes or goes and `editor` is
    none, Conflict `member.last_owner`.
    """
    membership = _locked(project, editor, user_id, becomes=role)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    if before != role:
        _tell_role(membership, editor, before)
    return membership


@transaction.atomic
def membership_remove(*, project: Project, editor: User, user_id: int) -> None:
    """Takes a member out; the masks stay and keep their author. Raises what `membership_change` raises."""
    membership = _locked(project, editor, user_id, becomes=None)
    membership.delete()
    audit(
        project=project,
        actor=editor,
        action="member.left" if user_id == editor.pk else "member.removed",
        subject=str(membership.user),
        role=membership.role,
    )
    member_left.send(sender=Membership, project=project, user=membership.user)


def _tell_role(membership: Membership, actor: User | None, before: str | None) -> None:
    audit(
        project=membership.project,
        actor=actor,
        action="member.role_changed",
        subject=str(membership.user),
        changed={"role": [before, membership.role]},
    )


def may_make_owners(*, project: Project, user: User) -> bool:
    return Membership.objects.filter(project=project, user=user, role=Role.OWNER).exists()


def _locked(project: Project, editor: User, user_id: int, *, becomes: Membership.Role | None) -> Membership:
    """The membership to be changed, in a project that no other change of members can leave without an owner."""
    project_locked(project_id=project.pk)
    membership = membership_list(project=project).filter(user_id=user_id).first()
    if membership is None:
        raise NotFound("This person is not a member of the project.", "member.not_found")
    touches_owners = Role.OWNER in (membership.role, becomes) and membership.role != becomes
    if touches_owners and not may_make_owners(project=project, user=editor):
        raise PermissionRefused("Only an owner makes owners and takes them away.", "member.owner_only")
    if membership.role == Role.OWNER and becomes != Role.OWNER:
        others = Membership.objects.filter(project=project, role=Role.OWNER).exclude(pk=membership.pk)
        if not others.exists():
            raise Conflict("A project keeps at least one owner: make another one first.", "member.last_owner")
    return membership
