from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from backend.images.models import BlurredRegion, Image
from backend.images.selectors import image_regions
from backend.privacy.detecting import KIND_CHOICES
from backend.users.serializers import PersonSerializer

# Those of embeddings.Embedding.State, an app to the right; a contract test compares them.
STATES = [("queued", "Queued"), ("running", "Running"), ("ready", "Ready"), ("failed", "Failed")]

# Those of work.Status, an app to the right as well.
STATUSES = [
    ("new", "New"),
    ("embedding", "Embedding"),
    ("ready", "Ready"),
    ("in_progress", "In Progress"),
    ("submitted", "Submitted"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
]


# Those of work.Hold.
HOLDS = [("consensus", "Consensus"), ("ground_truth", "Ground Truth")]


class ModelNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(read_only=True)
    version = serializers.CharField(read_only=True)


class EmbeddingSerializer(serializers.Serializer[Any]):
    """State of an image's embedding. Stands here because an image is never shown without it."""

    state = serializers.ChoiceField(choices=STATES, read_only=True)
    model = ModelNameSerializer(source="model_version", read_only=True)
    attempts = serializers.IntegerField(read_only=True)
    error_code = serializers.CharField(read_only=True)
    error_message = serializers.CharField(read_only=True)
    seconds = serializers.FloatField(read_only=True, allow_null=True)


class WorkSerializer(serializers.Serializer[Any]):
    """How far the work on an image is. Stands here because an image is never shown without it."""

    status = serializers.ChoiceField(choices=STATUSES, read_only=True)
    status_since = serializers.DateTimeField(read_only=True)
    hold = serializers.ChoiceField(
        choices=HOLDS, allow_blank=True, read_only=True, help_text="Why nobody is given it; empty otherwise."
    )
    assignee = PersonSerializer(read_only=True, allow_null=True)
    is_taken = serializers.BooleanField(
        read_only=True, help_text="By who works on it, until the lease ends; otherwise assigned by a manager."
    )
    lease_expires_at = serializers.DateTimeField(read_only=True, allow_null=True)
    reviewer = PersonSerializer(read_only=True, allow_null=True)
    review_reason = serializers.CharField(
        read_only=True, help_text="Why it was rejected; empty when it was not."
    )
    rank = serializers.FloatField(
        read_only=True,
        allow_null=True,
        help_text="Its place among images that nobody has begun, the lowest first; null follows, by upload.",
    )
    score = serializers.FloatField(
        read_only=True,
        allow_null=True,
        help_text="What the rank was made of: uncertainty or disagreement from 0 to 1, or how unlike it is to others.",
    )


def versioned_url(name: str, image: Image, version: str) -> str:
    """A url that changes when the content does, so that browsers may keep the answer for good."""
    return f"{reverse(name, args=[image.pk])}?{urlencode({'v': version})}"


class ImageSerializer(serializers.ModelSerializer[Image]):
    mask_count = serializers.IntegerField(source="work.mask_count", read_only=True)
    embedding = EmbeddingSerializer(read_only=True)
    work = WorkSerializer(read_only=True)
    has_source = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    file_url = serializers.SerializerMethodField()
    preview_url = serializers.SerializerMethodField()
    embedding_url = serializers.SerializerMethodField()

    class Meta:
        model = Image
        fields = [
            "id",
            "project",
            "file_name",
            "width",
            "height",
            "byte_size",
            "sha256",
            "source_sha256",
            "blurred_count",
            "has_source",
            "licence_note",
            "created_at",
            "mask_count",
            "embedding",
            "work",
            "tags",
            "thumbnail_url",
            "file_url",
            "preview_url",
            "embedding_url",
        ]
        read_only_fields = fields

    def get_has_source(self, image: Image) -> bool:
        """Whether the file as it came is kept apart, for owners and managers."""
        return bool(image.source_key)

    @extend_schema_field(
        serializers.ListField(child=serializers.IntegerField(), help_text="Ids of its tags.")
    )
    def get_tags(self, image: Image) -> list[int]:
        # Of an app to the right, by name.
        tags: Any = image
        return [tag.pk for tag in tags.tags.all()]

    def get_thumbnail_url(self, image: Image) -> str:
        return versioned_url("image_thumbnail", image, image.sha256[:16])

    def get_file_url(self, image: Image) -> str:
        return versioned_url("image_file", image, image.sha256[:16])

    def get_preview_url(self, image: Image) -> str:
        """What to show first: a reduced copy of a large picture, otherwise the file itself."""
        name = "image_preview" if image.preview_key else "image_file"
        return versioned_url(name, image, image.sha256[:16])

    def get_embedding_url(self, image: Image) -> str:
        embedding: Any = image.embedding
        return versioned_url("image_embedding", image, embedding.etag or str(embedding.model_version))


class BlurredRegionSerializer(serializers.Serializer[BlurredRegion]):
    kind = serializers.ChoiceField(choices=KIND_CHOICES, read_only=True)
    box = serializers.SerializerMethodField()
    score = serializers.FloatField(read_only=True, help_text="In the scale of who found it.")

    @extend_schema_field(
        serializers.ListField(
            child=serializers.IntegerField(),
            min_length=4,
            max_length=4,
            help_text="[x0, y0, x1, y1] in pixels of the image.",
        )
    )
    def get_box(self, region: BlurredRegion) -> list[int]:
        return [region.x0, region.y0, region.x1, region.y1]


class BlurringSerializer(serializers.Serializer[Image]):
    """How an image was made unrecognisable when it came."""

    kinds = serializers.ListField(
        source="blurred_kinds",
        child=serializers.ChoiceField(choices=KIND_CHOICES),
        read_only=True,
        help_text="What was looked for.",
    )
    detector = serializers.CharField(
        source="blurred_by", read_only=True, help_text="Who looked, with its version."
    )
    regions = serializers.SerializerMethodField()

    @extend_schema_field(BlurredRegionSerializer(many=True))
    def get_regions(self, image: Image) -> Any:
        regions: Any = image_regions(image=image)
        return BlurredRegionSerializer(regions, many=True).data


class ImageDetailSerializer(ImageSerializer):
    """An image and its place in the project."""

    # context["neighbours"] is what selectors.image_neighbours returns

    blurring = serializers.SerializerMethodField()
    previous_id = serializers.SerializerMethodField()
    next_id = serializers.SerializerMethodField()
    position = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()

    class Meta(ImageSerializer.Meta):
        fields = [*ImageSerializer.Meta.fields, "blurring", "previous_id", "next_id", "position", "total"]
        read_only_fields = fields

    @extend_schema_field(BlurringSerializer(allow_null=True))
    def get_blurring(self, image: Image) -> Any:
        """None where the picture is as it came."""
        return BlurringSerializer(image).data if image.blurred_kinds else None

    def get_previous_id(self, image: Image) -> int | None:
        return self._neighbours["previous_id"]

    def get_next_id(self, image: Image) -> int | None:
        return self._neighbours["next_id"]

    def get_position(self, image: Image) -> int:
        """1 for the first image of the project."""
        return self._neighbours["position"] or 0

    def get_total(self, image: Image) -> int:
        return self._neighbours["total"] or 0

    @property
    def _neighbours(self) -> dict[str, int | None]:
        neighbours: dict[str, int | None] = self.context["neighbours"]
        return neighbours


class UploadSerializer(serializers.Serializer[Any]):
    """Multipart body. `paths` (optional) gives each file's path in its folder, in the order of `files`."""

    # An empty file or path is refused or passed over by itself, as any other: here it would refuse the whole batch.
    files = serializers.ListField(child=serializers.FileField(allow_empty_file=True), allow_empty=False)
    paths = serializers.ListField(
        child=serializers.CharField(max_length=4096, allow_blank=True), required=False
    )


class UploadDuplicateSerializer(serializers.Serializer[Any]):
    file_name = serializers.CharField()
    image = ImageSerializer()


class UploadErrorSerializer(serializers.Serializer[Any]):
    file_name = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class UploadResultSerializer(serializers.Serializer[Any]):
    """What became of each file. Files before and after a refused one are kept."""

    created = ImageSerializer(many=True)
    duplicates = UploadDuplicateSerializer(many=True)
    errors = UploadErrorSerializer(many=True)  # type: ignore[assignment]  # a field named like DRF's own property


class UploadRefusedSerializer(UploadResultSerializer):
    """Not one file could be kept; `code` and `message` are those of the first error."""

    code = serializers.CharField()
    message = serializers.CharField()
    extra = serializers.DictField()
