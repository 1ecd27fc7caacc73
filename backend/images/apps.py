from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "backend.images"
    label = "images"

    def ready(self) -> None:
        from backend.images.services import subscribe
        from backend.images.visibility import images_visible
        from backend.projects.access import images_seen_by

        subscribe()
        images_seen_by(images_visible)
