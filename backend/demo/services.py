import logging

from backend.demo.photographs import LABELS, PHOTOGRAPHS
from backend.images.services import image_create
from backend.projects.models import Label, Project
from backend.projects.services import label_create, project_create
from backend.users.models import User
from backend.users.services import user_create

logger = logging.getLogger("anymask.demo")

USERNAME = "demo"
PASSWORD = "demo"
PROJECT = "Demo photographs"
DESCRIPTION = "Eight photographs to try the tools on. Click the cat, the cup, a coin."


def demo_create() -> Project:
    """The demo user and project; whatever is there already stays as people left it.

    The project is made once: a person who deleted a demo photograph or label does not get it back.
    """
    user = User.objects.filter(username=USERNAME).first()
    if user is None:
        user = user_create(username=USERNAME, password=PASSWORD, display_name="Demo")
    project = Project.objects.filter(memberships__user=user, name=PROJECT).first()
    if project is None:
        project = project_create(
            owner=user,
            name=PROJECT,
            description=DESCRIPTION,
            licence_note="Photographs distributed with scikit-image; see each image.",
        )
    if not project.images.exists():
        _fill(project, user)
    return project


def _fill(project: Project, user: User) -> None:
    present = set(Label.objects.filter(project=project).values_list("name", flat=True))
    for name in LABELS:
        if name not in present:
            label_create(project=project, name=name)
    for photograph in PHOTOGRAPHS:
        with photograph.path.open("rb") as file:
            image_create(
                project=project,
                user=user,
                file=file,
                file_name=photograph.file_name,
                licence_note=photograph.licence_note,
            )
    logger.info("demo_created project=%s images=%s", project.pk, len(PHOTOGRAPHS))
