from django.apps import AppConfig


class RankingConfig(AppConfig):
    name = "backend.ranking"
    label = "ranking"

    def ready(self) -> None:
        from backend.ranking import jobs, receivers

        jobs.subscribe()
        receivers.subscribe()
