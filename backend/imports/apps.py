from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "backend.imports"
    label = "imports"

    def ready(self) -> None:
        from backend.imports import jobs, receivers

        jobs.subscribe()
        receivers.subscribe()
