from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.images.models import Image
from backend.projects.models import Project
from backend.quality.check_models import CheckedImage


class QualitySettings(models.Model):
    """What a project's managers chose."""

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="quality_settings"
    )
    # One in so many images that an annotator asks for is one whose truth is known; 0 for none.
    ground_truth_rate = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"one in {self.ground_truth_rate} in {self.project}"


class ConsensusRound(models.Model):
    """Some images of a project, each labelled by several people who do not see each other's masks."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="consensus_rounds")
    name = models.CharField(max_length=200)
    annotators_per_image = models.PositiveSmallIntegerField()
    # With it the same sample is drawn again; null where images were named.
    seed = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # Since then nobody is waited for who had not begun.
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ConsensusImage(models.Model):
    """One image of a round. Only `services` changes the state, with the row held."""

    class State(models.TextChoices):
        OPEN = "open"  # somebody has not submitted yet
        READY = "ready"  # to be resolved
        RESOLVED = "resolved"
        RELEASED = "released"  # the round was closed before anybody submitted it

    class Way(models.TextChoices):
        PICK = "pick"
        MERGE = "merge"

    round = models.ForeignKey(ConsensusRound, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="consensus")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    # Means over all pairs of annotators, once there is one; null for what nothing can be said of.
    mean_iou = models.FloatField(null=True)
    f1 = models.FloatField(null=True)
    label_agreement = models.FloatField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=8, choices=Way.choices, blank=True, default="")
    # Whose masks were taken, where they were picked.
    picked = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Ids of the masks that were written to the image: what reopening takes away again.
    written = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["image"],
                condition=Q(state__in=["open", "ready", "resolved"]),
                name="consensus_image_once",
            )
        ]
        indexes = [models.Index(fields=["round", "state"], name="consensus_image_state")]

    def __str__(self) -> str:
        return f"{self.image} in {self.round}"


class Replica(models.Model):
    """What a replica was made for: nothing that its annotator is told."""

    class Kind(models.TextChoices):
        CONSENSUS = "consensus"
        GROUND_TRUTH = "ground_truth"
        CHECK = "check"

    image = models.OneToOneField(Image, primary_key=True, on_delete=models.CASCADE, related_name="quality")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    consensus_image = models.ForeignKey(
        ConsensusImage, null=True, on_delete=models.CASCADE, related_name="replicas"
    )
    checked_image = models.OneToOneField(
        CheckedImage, null=True, on_delete=models.CASCADE, related_name="replica"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.image}"


class _Figures(models.Model):
    """How two sets of masks on one image agree; see `agreement`. Null for what nothing can be said of."""

    matched = models.PositiveIntegerField()
    mean_iou = models.FloatField(null=True)
    precision = models.FloatField()
    recall = models.FloatField()
    f1 = models.FloatField()
    label_agreement = models.FloatField(null=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class PairAgreement(_Figures):
    """Two annotators on one image, the one with the lower key first; `recall` is of the first one's masks."""

    consensus_image = models.ForeignKey(ConsensusImage, on_delete=models.CASCADE, related_name="pairs")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    first_count = models.PositiveIntegerField()
    second_count = models.PositiveIntegerField()
    # [[id of a mask of the first, of the second, their IoU]]
    matches = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consensus_image", "first", "second"], name="pair_agreement_unique"
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_agreement_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second} on {self.consensus_image}"


class GroundTruth(models.Model):
    """An image whose masks are taken for the truth. It is withheld from those who label."""

    image = models.OneToOneField(
        Image, primary_key=True, on_delete=models.CASCADE, related_name="ground_truth"
    )
    # The image's own, once more, for the list of a project.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="ground_truths")
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"truth of {self.image}"


class GroundTruthScore(_Figures):
    """What one annotator drew against the truth, as both were when it was submitted last."""

    replica = models.OneToOneField(
        Image, primary_key=True, on_delete=models.CASCADE, related_name="truth_score"
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    truth_count = models.PositiveIntegerField()
    mask_count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["project", "annotator"], name="truth_score_annotator")]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.replica}"

    @property
    def missed(self) -> int:
        return self.truth_count - self.matched

    @property
    def false_positives(self) -> int:
        return self.mask_count - self.matched


class PullCount(models.Model):
    """How many new images somebody asked for in a project: decides when the next one is a ground truth."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="pull_count_unique")]

    def __str__(self) -> str:
        return f"{self.count} of {self.user} in {self.project}"
