from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "backend.annotations"
    label = "annotations"

    def ready(self) -> None:
        from backend.annotations.receivers import subscribe
        from backend.annotations.selectors import standing_of_mask
        from backend.projects.standing import tell_apart
        from backend.work.gate import REFUSALS

        subscribe()
        tell_apart("mask_id", standing_of_mask, REFUSALS)
