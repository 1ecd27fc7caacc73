from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "backend.work"
    label = "work"

    def ready(self) -> None:
        from backend.work.receivers import subscribe

        subscribe()
