from tests.people import ada, files, project

__all__ = ["ada", "files", "project"]
