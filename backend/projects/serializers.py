from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from backend.common.fields import KeyField
from backend.projects.attributes import MAX_ATTRIBUTES, MAX_CHOICES, MAX_TEXT
from backend.projects.models import Label, LabelAttribute, Membership, OrderHint, Project

LONGEST_MASK_SECONDS = 3600


class ManifestWeightsSerializer(serializers.Serializer[Any]):
    file = serializers.CharField()
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()


class ManifestGraphSerializer(ManifestWeightsSerializer):
    opset = serializers.IntegerField()


class ManifestGraphsSerializer(serializers.Serializer[Any]):
    """`prepare` runs once per image, `click` once per prompt on what `prepare` answered."""

    prepare = ManifestGraphSerializer()
    click = ManifestGraphSerializer()


class ManifestTextGraphsSerializer(serializers.Serializer[Any]):
    """`word` runs once per image and word, `text_click` then takes the place of `click`."""

    word = ManifestGraphSerializer()
    text_click = ManifestGraphSerializer()


class ManifestTextSerializer(ManifestWeightsSerializer):
    encoder = serializers.CharField()
    dim = serializers.IntegerField()
    vocabulary = serializers.ListField(child=serializers.CharField())
    graphs = ManifestTextGraphsSerializer()
    embeddings = ManifestWeightsSerializer(
        required=False, allow_null=True, help_text="The file of the vocabulary's embeddings."
    )
    encoder_graph = ManifestGraphSerializer(
        required=False,
        allow_null=True,
        help_text="The encoder, for words beyond the vocabulary; null without it.",
    )
    tokenizer = ManifestWeightsSerializer(required=False, allow_null=True, help_text="The encoder's.")
    known_from = serializers.FloatField(
        required=False, allow_null=True, help_text="A word is known from this cosine with a learned one on."
    )


class ManifestSerializer(serializers.Serializer[Any]):
    """An artifact's manifest.json, as ARCHITECTURE.md section 4 defines it; served as it was registered."""

    format = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.CharField()
    architecture = serializers.CharField()
    image_size = serializers.IntegerField()
    embedding_shape = serializers.ListField(child=serializers.IntegerField(), min_length=4, max_length=4)
    embedding_dtype = serializers.CharField()
    low_res_size = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    mask_threshold = serializers.FloatField()
    stability_offset = serializers.FloatField()
    pixel_mean = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    pixel_std = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    weights = ManifestWeightsSerializer()
    graphs = ManifestGraphsSerializer()
    parameters = serializers.IntegerField()
    licence = serializers.CharField()
    source_url = serializers.CharField(
        required=False, help_text="Where the weights were published; empty for those made here."
    )
    parents = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="What they were made from, each as name@version.",
    )
    metrics = serializers.DictField(
        help_text="Also how fast the model was where it was exported, in seconds: `encoder_seconds`, `prepare_seconds`, "
        "`click_seconds`, on `speed_device` with `speed_threads`; and where it has a detector `detector {images, "
        "objects, ar_10, ar_100}`: how many of the things on so many images its boxes find (average recall)."
    )
    detector = ManifestWeightsSerializer(
        required=False, allow_null=True, help_text="The file of the detector that proposes boxes."
    )
    text = ManifestTextSerializer(
        required=False, allow_null=True, help_text="The file of the text prompts, which read words."
    )


@extend_schema_field(ManifestSerializer)
class ManifestField(serializers.DictField):
    """The stored manifest unchanged: a key added later must reach the browser too."""


class ModelVersionSerializer(serializers.Serializer[Any]):
    """A registered model: the manifest is what a browser needs to run its decoder."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    version = serializers.CharField(read_only=True)
    manifest = ManifestField(read_only=True)
    is_default = serializers.BooleanField(read_only=True)
    manifest_url = serializers.SerializerMethodField()
    prepare_url = serializers.SerializerMethodField()
    click_url = serializers.SerializerMethodField()
    retrained_from = serializers.IntegerField(
        source="parent_id",
        read_only=True,
        allow_null=True,
        help_text="The id of its parent; null for others.",
    )
    metrics = serializers.DictField(
        read_only=True,
        help_text="Of a retrained one: figures on val images of its project; `mean_miou` is the one that decides.",
    )

    def get_manifest_url(self, version: Any) -> str:
        return str(reverse("model_manifest", args=[version.name, version.version]))

    def get_prepare_url(self, version: Any) -> str:
        return _graph_url("prepare", version)

    def get_click_url(self, version: Any) -> str:
        return _graph_url("click", version)


def _graph_url(graph: str, version: Any) -> str:
    """With the digest, as an image's embedding has it: what it names never changes and may be cached for ever."""
    digest = getattr(version, f"{graph}_sha256")[:12]
    return f"{reverse(f'model_{graph}', args=[version.name, version.version])}?v={digest}"


class EmbeddingCountsSerializer(serializers.Serializer[Any]):
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    ready = serializers.IntegerField()
    failed = serializers.IntegerField()


class ProjectSerializer(serializers.Serializer[Any]):
    """A project with its figures."""

    # context["figures"] is what selectors.project_figures returns

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    licence_note = serializers.CharField(read_only=True)
    role = serializers.ChoiceField(choices=Membership.Role.choices, read_only=True)
    allowed = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What your role may change here, each as `METHOD endpoint`, or `METHOD endpoint relation`.",
    )
    model = ModelVersionSerializer(read_only=True)
    image_count = serializers.IntegerField(read_only=True)
    annotated_image_count = serializers.IntegerField(read_only=True)
    mask_count = serializers.IntegerField(read_only=True)
    unlabelled_mask_count = serializers.IntegerField(read_only=True)
    embedding_counts = EmbeddingCountsSerializer(read_only=True)
    embedding_eta_seconds = serializers.FloatField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, project: Project) -> dict[str, Any]:
        for name, value in self.context["figures"][project.pk].items():
            setattr(project, name, value)
        return super().to_representation(project)


class ProjectDetailSerializer(ProjectSerializer):
    """With what is too long for lists."""

    guidelines = serializers.CharField(read_only=True, help_text="How to label, in Markdown.")
    is_class_free = serializers.BooleanField(
        read_only=True, help_text="Annotators are not asked for labels: masks are saved without one."
    )
    mask_seconds_hint = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Seconds at one mask after which annotators are told that it may be left; null for never.",
    )
    order_hint = serializers.ChoiceField(
        choices=OrderHint.choices, read_only=True, help_text="In which order annotators are asked to label."
    )


class ProjectWriteSerializer(serializers.ModelSerializer[Project]):
    """`model` is the id of a registered model version; without it the default one is taken."""

    mask_seconds_hint = serializers.IntegerField(
        min_value=1,
        max_value=LONGEST_MASK_SECONDS,
        allow_null=True,
        required=False,
        help_text="Null for never.",
    )

    class Meta:
        model = Project
        fields = [
            "name",
            "description",
            "licence_note",
            "guidelines",
            "model",
            "is_class_free",
            "mask_seconds_hint",
            "order_hint",
        ]
        # Spaces at the beginning of a line mean something in Markdown.
        extra_kwargs = {"model": {"required": False}, "guidelines": {"trim_whitespace": False}}


class ProjectUpdateSerializer(ProjectWriteSerializer):
    """Only the fields to change."""

    class Meta(ProjectWriteSerializer.Meta):
        extra_kwargs = {**ProjectWriteSerializer.Meta.extra_kwargs, "name": {"required": False}}


@extend_schema_field(
    {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}], "nullable": True}
)
class AttributeValueField(serializers.Field[Any, Any, Any, Any]):
    """A text, a number, true or false, or null; whether it fits is the service's to say."""

    default_error_messages = {"invalid": "A text, a number, true, false or null is required."}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            # A text field of its own knows which characters no database keeps.
            text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=MAX_TEXT)
            return text.run_validation(data)
        if not isinstance(data, int | float):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class LabelAttributeSerializer(serializers.ModelSerializer[LabelAttribute]):
    choices = serializers.ListField(child=serializers.CharField(), read_only=True)
    default = AttributeValueField(read_only=True, allow_null=True)

    class Meta:
        model = LabelAttribute
        fields = ["id", "name", "kind", "choices", "default"]
        read_only_fields = fields


class LabelAttributeWriteSerializer(serializers.Serializer[Any]):
    """With `id` it is a known attribute that may get another name, other choices, another default."""

    id = KeyField(required=False)
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=LabelAttribute.Kind.choices)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TEXT), max_length=MAX_CHOICES, required=False
    )
    default = AttributeValueField(allow_null=True, required=False)


class LabelSerializer(serializers.ModelSerializer[Label]):
    mask_count = serializers.IntegerField(read_only=True)
    attributes = LabelAttributeSerializer(many=True, read_only=True)

    class Meta:
        model = Label
        fields = ["id", "name", "supercategory", "color", "category_id", "mask_count", "attributes"]
        read_only_fields = fields


class LabelWriteSerializer(serializers.ModelSerializer[Label]):
    """Without a `color` the next one of the palette is taken. `attributes` are all the label is to have, in order."""

    color = serializers.RegexField(r"\A#[0-9a-fA-F]{6}\Z", required=False)
    attributes = LabelAttributeWriteSerializer(many=True, required=False, max_length=MAX_ATTRIBUTES)  # type: ignore[call-arg]  # many=True takes it

    class Meta:
        model = Label
        fields = ["name", "supercategory", "color", "attributes"]

    def validate_color(self, color: str) -> str:
        return color.lower()


class LabelUpdateSerializer(LabelWriteSerializer):
    """Only the fields to change."""

    class Meta(LabelWriteSerializer.Meta):
        extra_kwargs = {"name": {"required": False}}
