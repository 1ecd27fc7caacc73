from tests.people import ada, client, files, project, strange_client

__all__ = ["ada", "client", "files", "project", "strange_client"]
