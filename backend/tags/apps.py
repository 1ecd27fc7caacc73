from django.apps import AppConfig


class TagsConfig(AppConfig):
    name = "backend.tags"
    label = "tags"

    def ready(self) -> None:
        from backend.tags import receivers

        receivers.subscribe()
