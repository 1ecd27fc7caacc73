from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """What those who run an installation need: a look at its health, backups. It has no rows of its own and no rules of
    the application's: it reads what other apps keep, and calls their services."""

    name = "backend.operations"
    label = "operations"
