from django.apps import AppConfig


class LikenessConfig(AppConfig):
    name = "backend.likeness"
    label = "likeness"

    def ready(self) -> None:
        from backend.likeness import jobs, receivers

        jobs.subscribe()
        receivers.subscribe()
