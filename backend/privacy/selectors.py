from backend.privacy.models import ProjectPrivacy
from backend.projects.models import Project


def privacy_of(*, project: Project) -> ProjectPrivacy:
    """What the project wants now; an unsaved row that wants nothing where nobody chose yet."""
    return ProjectPrivacy.objects.filter(project=project).first() or ProjectPrivacy(project=project)
