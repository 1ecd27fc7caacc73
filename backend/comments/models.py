from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.images.models import Image


class ThreadSequence(models.Model):
    """How many changes the threads of an image have seen.

    Whoever changes a thread raises this first and so holds the row until the change is committed: changes are
    committed in the order of their numbers, and whoever has read number n has everything up to n.
    """

    image = models.OneToOneField(Image, primary_key=True, on_delete=models.CASCADE, related_name="+")
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.last} changes of threads on {self.image}"


class Thread(models.Model):
    """A place on an image and what people say of it."""

    # Made by the client, so that sending a thread twice cannot make two.
    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="threads")
    # What people call it: counted per image, never given twice.
    number = models.PositiveIntegerField()
    # The mask it is about. No foreign key: a mask may be deleted and brought back, and may still be on its way here.
    mask = models.UUIDField(null=True)
    # In pixels of the original image, the centre of pixel (0, 0) at (0.5, 0.5).
    x = models.FloatField()
    y = models.FloatField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # With the last of its comments.
    deleted_at = models.DateTimeField(null=True)
    # Raised by every change of the thread or its comments.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["image", "number"]
        constraints = [models.UniqueConstraint(fields=["image", "number"], name="thread_number")]

    def __str__(self) -> str:
        return f"thread {self.number} on {self.image}"


class Comment(models.Model):
    """What one person says. Deleting it takes the text away; the row stays as its place in the thread."""

    # Made by the client like a thread's; the first comment of a thread has the thread's.
    id = models.UUIDField(primary_key=True)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(text=""), name="comment_deleted_has_no_text"
            )
        ]

    def __str__(self) -> str:
        return f"comment in {self.thread}"


class Mention(models.Model):
    """A member named by @username when the comment was written."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_unique")]

    def __str__(self) -> str:
        return f"{self.user} in {self.comment}"
