from django.db import transaction

from backend.demo.photographs import LABELS, PHOTOGRAPHS
from backend.images.services import image_create
from backend.projects.models import Project
from backend.projects.services import label_create, project_create
from backend.users.models import User
from backend.users.services import user_create

USERNAME = PASSWORD = "demo"  # nosec B105 # everybody may know it: only development has the demo
PROJECT_NAME = "Demo photographs"


def demo_create() -> Project:
    """The demo user and project; whatever is there already stays as people left it.

    The project is filled once and as a whole: a person who deleted a demo photograph or label does not get it back.
    """
    user = User.objects.filter(username=USERNAME).first()
    if user is None:
        user = user_create(username=USERNAME, password=PASSWORD, display_name="Demo")
    project = Project.objects.filter(name=PROJECT_NAME, memberships__user=user).first()
    if project is None:
        project = project_create(
            owner=user,
            name=PROJECT_NAME,
            description="Photographs that come with scikit-image. Open one and move the pointer over it.",
            licence_note="Each photograph's licence stands beside it; all may be used freely.",
        )
    if not project.images.exists():
        _fill(project, user)
    return project


@transaction.atomic
def _fill(project: Project, user: User) -> None:
    present = set(project.labels.values_list("name", flat=True))
    for name in LABELS:
        if name not in present:
            label_create(project=project, name=name)
    for photograph in PHOTOGRAPHS:
        with photograph.path().open("rb") as file:
            image_create(
                project=project,
                user=user,
                file=file,
                file_name=photograph.file_name,
                licence_note=photograph.licence_note,
            )
