from django.apps import AppConfig


class FairnessConfig(AppConfig):
    name = "backend.fairness"
    label = "fairness"

    def ready(self) -> None:
        from backend.fairness import jobs

        jobs.subscribe()
