from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "backend.proposals"
    label = "proposals"

    def ready(self) -> None:
        from backend.proposals import jobs, receivers

        jobs.subscribe()
        receivers.subscribe()
