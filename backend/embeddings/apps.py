from django.apps import AppConfig


class EmbeddingsConfig(AppConfig):
    name = "backend.embeddings"
    label = "embeddings"

    def ready(self) -> None:
        from backend.embeddings.receivers import subscribe

        subscribe()
