"""Rows of images. `embedding` is named by string: the app further right fills it, queries here may join it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.privacy.detecting import KIND_CHOICES
from backend.projects.models import Project


class Image(models.Model):
    """A photograph of one project. `width` and `height` are those of the upright picture, in pixels."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="images")
    # What the project's model computed of this picture; shared with other projects that hold the same bytes.
    embedding = models.ForeignKey(
        "embeddings.Embedding", null=True, on_delete=models.PROTECT, related_name="images"
    )
    # Set on a replica: one person's own copy of another image of the project, to be labelled without seeing what others
    # did. It shows the original's files and is no image of the project where images are counted, listed or exported.
    original = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replicas")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="replicas"
    )
    # Shown to reviewers and managers only: the truth that others are measured by.
    is_withheld = models.BooleanField(default=False)
    file_name = models.CharField(max_length=1024)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=64)
    # What of it was to be blurred when it came (`privacy.Kind`); with anything here, all that is said of a file above and
    # below is said of the one that was made of the blurred pixels, and only `source_...` of the one that came.
    blurred_kinds = models.JSONField(default=list)
    blurred_count = models.PositiveIntegerField(default=0)
    # Who looked for it, with its version.
    blurred_by = models.CharField(max_length=100, blank=True, default="")
    # Empty where the file that came is the one that is stored.
    source_sha256 = models.CharField(max_length=64, blank=True, default="")
    # Where it is kept apart, for owners and managers; empty where it was not kept.
    source_key = models.CharField(max_length=255, blank=True, default="")
    source_bytes = models.PositiveBigIntegerField(default=0)
    source_media_type = models.CharField(max_length=64, blank=True, default="")
    original_key = models.CharField(max_length=255)
    # The file browsers get: the original when every browser shows it upright, else a converted copy.
    display_key = models.CharField(max_length=255)
    display_media_type = models.CharField(max_length=64)
    display_bytes = models.PositiveBigIntegerField()
    thumbnail_key = models.CharField(max_length=255)
    thumbnail_bytes = models.PositiveBigIntegerField()
    # A reduced copy of a large picture; empty where the display file is shown at once.
    preview_key = models.CharField(max_length=255, blank=True)
    preview_bytes = models.PositiveBigIntegerField(default=0)
    licence_note = models.CharField(max_length=500, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "sha256"],
                condition=Q(original__isnull=True),
                name="image_unique_in_project",
            ),
            models.UniqueConstraint(
                fields=["project", "source_sha256"],
                condition=Q(original__isnull=True) & ~Q(source_sha256=""),
                name="image_source_unique_in_project",
            ),
            models.UniqueConstraint(
                fields=["original", "annotator"],
                condition=Q(original__isnull=False),
                name="image_one_replica_each",
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="image_sha256"),
            models.Index(fields=["source_sha256"], name="image_source_sha256"),
            models.Index(
                fields=["project", "id"], condition=Q(original__isnull=True), name="image_originals"
            ),
            models.Index(fields=["project"], condition=Q(is_withheld=True), name="image_withheld"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_replica(self) -> bool:
        return self.original_id is not None

    @property
    def file_keys(self) -> list[str]:
        """Keys of all files of this image, each once. A replica's are its original's."""
        keys = [self.original_key, self.display_key, self.thumbnail_key, self.preview_key, self.source_key]
        return [key for key in dict.fromkeys(keys) if key]


class BlurredRegion(models.Model):
    """A part of an image that was made unrecognisable before it was stored; of replicas their originals' hold."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="blurred_regions")
    kind = models.CharField(max_length=16, choices=KIND_CHOICES)
    # XYXY, in upright pixels.
    x0 = models.PositiveIntegerField()
    y0 = models.PositiveIntegerField()
    x1 = models.PositiveIntegerField()
    y1 = models.PositiveIntegerField()
    # In the scale of who found it.
    score = models.FloatField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} in {self.image}"
