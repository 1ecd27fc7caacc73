from django.db import models
from django.db.models import Q


class ModelVersion(models.Model):
    """One trained artifact. `manifest` is what web and browser must know of it; ARCHITECTURE.md section 4 shows it.

    Its decoder is two ONNX graphs: `prepare` runs once per image, `click` once per prompt. Rows registered before there
    were two have empty keys until the model is exported and registered again.
    """

    name = models.CharField(max_length=64)
    version = models.CharField(max_length=64)
    manifest = models.JSONField()
    prepare_key = models.CharField(max_length=255, blank=True, default="")
    prepare_sha256 = models.CharField(max_length=64, blank=True, default="")
    prepare_bytes = models.PositiveBigIntegerField(default=0)
    click_key = models.CharField(max_length=255, blank=True, default="")
    click_sha256 = models.CharField(max_length=64, blank=True, default="")
    click_bytes = models.PositiveBigIntegerField(default=0)
    # What reads words (`text_registration.text_files_store`), as {name: {key, sha256, bytes}}; empty where nothing does.
    text_files = models.JSONField(default=dict, blank=True)
    is_default = models.BooleanField(default=False)
    # What it was retrained from; null where it came from outside.
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    # The version whose image encoder it has, number for number: what that one embedded need not be embedded again.
    encoder_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    encoder_of_id: int | None
    # Of a retrained one: its figures on the val images of the project it was trained in.
    metrics = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="model_version_unique"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="model_version_one_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def has_graphs(self) -> bool:
        """Whether it can decode: false for a row of the one-graph format that was not registered again."""
        return bool(self.prepare_key and self.click_key)

    @property
    def has_words(self) -> bool:
        """Whether words can be typed: false too for a model with text prompts that was exported before they could."""
        return "embeddings" in self.text_files

    @property
    def encoder_id(self) -> int:
        """Key of the version whose image encoder it has: its own, where that is no other's."""
        return self.encoder_of_id or self.pk


class Embedding(models.Model):
    """What one model version computed of one picture, or of a window of it, shared by all projects that hold it.

    States go queued -> running -> ready or failed; running -> queued when its lease ran out or a failure may pass;
    failed -> queued by hand, ready -> queued where its file is lost. Only `services` and `settling` change them.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    image_sha256 = models.CharField(max_length=64)
    # `windows.Window` as text; empty for the whole picture.
    window = models.CharField(max_length=64, blank=True, default="")
    # Higher ones are computed first: somebody is waiting for them now.
    priority = models.SmallIntegerField(default=0)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="embeddings")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The claim, not the worker: a worker that lost its lease and a later claim of the same worker must differ.
    claimed_by = models.CharField(max_length=64, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    file_key = models.CharField(max_length=255, blank=True)
    byte_size = models.PositiveBigIntegerField(default=0)
    etag = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["image_sha256", "model_version", "window"], name="embedding_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-priority", "queued_at", "id"], condition=Q(state="queued"), name="embedding_queue"
            ),
            models.Index(fields=["lease_expires_at"], condition=Q(state="running"), name="embedding_leases"),
            # How many were made lately.
            models.Index(fields=["ready_at"], name="embedding_ready_at"),
            # Few as a rule, and counted for every project that is shown.
            models.Index(
                fields=["state"],
                condition=Q(state__in=["queued", "running", "failed"]),
                name="embedding_unready",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_sha256[:12]} {self.window} by {self.model_version} ({self.state})"
