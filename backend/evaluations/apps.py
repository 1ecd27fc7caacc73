from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "backend.evaluations"
    label = "evaluations"

    def ready(self) -> None:
        from backend.evaluations import jobs

        jobs.subscribe()
