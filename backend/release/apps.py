from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "backend.release"
    label = "release"

    def ready(self) -> None:
        from backend.release.jobs import subscribe

        subscribe()
