from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "backend.training"
    label = "training"

    def ready(self) -> None:
        from backend.training import jobs, receivers

        jobs.subscribe()
        receivers.subscribe()
