from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "backend.quality"
    label = "quality"

    def ready(self) -> None:
        from backend.quality.receivers import subscribe

        subscribe()
