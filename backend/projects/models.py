"""Rows of a project. Relations to apps further right are named by string: the database knows them, this code does not."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models


class OrderHint(models.TextChoices):
    """In which order annotators are asked to label what they see."""

    NONE = "none"
    PROMINENCE = "prominence"


class Project(models.Model):
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    licence_note = models.CharField(max_length=500, blank=True)
    # How to label, in Markdown; read beside the annotator.
    guidelines = models.TextField(blank=True, max_length=100_000, default="")
    # How annotators work; together these are the rules of the data engine's first stage (Segment Anything, section 4).
    # Masks are of whatever there is: nobody is asked for a label.
    is_class_free = models.BooleanField(default=False)
    # Seconds at one mask after which people are told that it may be left; null for never.
    mask_seconds_hint = models.PositiveIntegerField(null=True)
    order_hint = models.CharField(max_length=16, choices=OrderHint.choices, default=OrderHint.NONE)
    model = models.ForeignKey("embeddings.ModelVersion", on_delete=models.PROTECT, related_name="projects")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        """What each may do stands in `permissions.py`."""

        OWNER = "owner"
        MANAGER = "manager"
        REVIEWER = "reviewer"
        ANNOTATOR = "annotator"
        VIEWER = "viewer"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="membership_unique")]

    def __str__(self) -> str:
        return f"{self.user} in {self.project} as {self.role}"


class Invitation(models.Model):
    """A link that makes whoever opens it a member. Only a digest of its secret is kept: who reads the database cannot
    use it. A used or revoked one stays, as the record of how somebody came in."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=16, choices=Membership.Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True)
    # Where the link was to be sent; empty where it is handed over in another way.
    email = models.EmailField(blank=True, default="")
    # When the mail server took it; null where it refused.
    mailed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"invitation to {self.project} as {self.role}"


class AuditEntry(models.Model):
    """Something somebody did to a project as a whole. Written in the same transaction (`audit.py`); never changed, and
    gone only with the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="audit_entries")
    # Null where nobody did it but the server or its administrator, or the account is gone.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Noun and verb with a dot between, as in `label.deleted`.
    action = models.CharField(max_length=64)
    # What it was done to, by the name it had then.
    subject = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["project", "id"], name="audit_project")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class Label(models.Model):
    """A COCO category of one project; `category_id` is the number its exports carry."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=100)
    supercategory = models.CharField(max_length=100, blank=True)
    color = models.CharField(
        max_length=7, validators=[RegexValidator(r"\A#[0-9a-f]{6}\Z", "A colour is written #rrggbb.")]
    )
    category_id = models.PositiveIntegerField()

    class Meta:
        ordering = ["category_id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="label_name_unique"),
            models.UniqueConstraint(fields=["project", "category_id"], name="label_category_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class LabelAttribute(models.Model):
    """Something to be said of every mask with one label ("colour", "is damaged"). Masks keep values by this row's id,
    so that renaming it moves no value."""

    class Kind(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        SELECT = "select"
        CHECKBOX = "checkbox"

    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # What a select offers; empty for the other kinds.
    choices = models.JSONField(default=list)
    # The value of a mask nobody has said anything of; null is "not said".
    default = models.JSONField(null=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["label", "name"], name="label_attribute_name_unique")]

    def __str__(self) -> str:
        return f"{self.name} of {self.label}"
