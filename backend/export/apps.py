from django.apps import AppConfig


class ExportConfig(AppConfig):
    name = "backend.export"
    label = "export"

    def ready(self) -> None:
        from backend.export.jobs import subscribe

        subscribe()
