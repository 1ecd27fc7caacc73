"""Who sees which images of a project: asked wherever an image, or something on one, is shown or named.

Replicas make a project's members see different images. A replica is seen by its annotator and by who manages the project;
its annotator does not see the original, nor anybody else's replica. What is withheld is seen by reviewers and managers.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.images.models import Image
from backend.projects.models import Membership, Project
from backend.projects.permissions import MANAGERS, REVIEWERS
from backend.users.models import User


def images_visible(*, user: User) -> QuerySet[Image]:
    """The images `user` may look at, of all their projects. The membership that lets them is joined."""
    own = Image.objects.filter(original=OuterRef("pk"), annotator=user)
    is_judge = Q(project__memberships__role__in=REVIEWERS)
    as_original = Q(original__isnull=True) & (Q(is_withheld=False) | is_judge) & ~Exists(own)
    is_manager = Q(project__memberships__role__in=MANAGERS)
    as_replica = Q(original__isnull=False, annotator=user)
    return Image.objects.filter(is_manager | as_replica | as_original, project__memberships__user=user)


def images_listed(*, project: Project, user: User) -> QuerySet[Image]:
    """What `user` takes for the project's images: the originals for who manages it, for others those they may look at,
    a replica in the place of its original."""
    images = Image.objects.filter(project=project)
    role = Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()
    if role in MANAGERS:
        return images.filter(original__isnull=True)
    # Of one person there are few: looked up once, not for each image of the project.
    own = Image.objects.filter(project=project, annotator=user, original__isnull=False)
    originals = Q(original__isnull=True) & ~Q(pk__in=own.values("original"))
    if role not in REVIEWERS:
        originals &= Q(is_withheld=False)
    return images.filter(originals | Q(original__isnull=False, annotator=user))


def people_seeing(*, image: Image) -> QuerySet[Membership]:
    """The memberships of those who may look at the image."""
    members = Membership.objects.filter(project=image.project_id)
    if image.is_replica:
        return members.filter(Q(role__in=MANAGERS) | Q(user=image.annotator_id))
    if image.is_withheld:
        members = members.filter(role__in=REVIEWERS)
    blind = Image.objects.filter(original=image, annotator__isnull=False).values("annotator")
    return members.filter(Q(role__in=MANAGERS) | ~Q(user__in=blind))
