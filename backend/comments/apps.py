from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "backend.comments"
    label = "comments"

    def ready(self) -> None:
        from backend.comments.selectors import REFUSALS, standing_of_comment
        from backend.projects.standing import tell_apart

        tell_apart("comment_id", standing_of_comment, REFUSALS)
