from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from backend.common.errors import Conflict, NotFound
from backend.embeddings.models import Embedding, ModelVersion
from backend.embeddings.windows import Window
from backend.images.models import Image
from backend.projects.models import Project


def model_version_list() -> QuerySet[ModelVersion]:
    """All registered models, oldest first."""
    return ModelVersion.objects.order_by("pk")


def model_version_named(*, model: str) -> ModelVersion | None:
    """The one called name@version, as people name it in a request; None where there is none."""
    name, _, version = model.partition("@")
    return ModelVersion.objects.filter(name=name, version=version).first()


def model_version_get(*, name: str, version: str) -> ModelVersion:
    """One registered model. Raises NotFound `model.not_found`."""
    found = ModelVersion.objects.filter(name=name, version=version).first()
    if found is None:
        raise NotFound("There is no such model on this server.", "model.not_found")
    return found


def model_version_with_graphs(*, name: str, version: str) -> ModelVersion:
    """A model that can decode. Raises NotFound `model.not_found` and Conflict `model.no_graphs`."""
    found = model_version_get(name=name, version=version)
    if not found.has_graphs:
        raise Conflict(
            "This model was registered before its decoder became two graphs. It must be exported and registered again.",
            "model.no_graphs",
        )
    return found


def model_shown(*, image: Image) -> ModelVersion:
    """The model with which the image is worked on: its project's, or the one of before while that has not embedded it."""
    return image.embedding.model_version if image.embedding is not None else image.project.model


def embedding_ready(
    *, image: Image, window: Window | None = None, etag: str = "", model: str = ""
) -> Embedding:
    """The finished embedding of the image or of a window of it; by `etag`, or by `model` (name@version), one that was the
    image's before another model took its place, for who is at work with that one.

    Raises Conflict `embedding.not_ready` or `embedding.failed`, NotFound `crop.not_found`.
    """
    if (etag or model) and (named := _embedding_named(image, window, etag, model)) is not None:
        return named
    embedding = image.embedding if window is None else crop_get(image=image, window=window)
    if model and embedding is not None and str(embedding.model_version) != model:
        raise Conflict(f"The image has no finished embedding by {model}.", "embedding.not_ready")
    if embedding is not None and embedding.state == Embedding.State.FAILED:
        raise Conflict(
            f"The embedding could not be computed: {embedding.error_message}",
            "embedding.failed",
            {"error_code": embedding.error_code},
        )
    if embedding is None or embedding.state != Embedding.State.READY:
        state = Embedding.State.QUEUED if embedding is None else embedding.state
        raise Conflict("The embedding is not ready yet.", "embedding.not_ready", {"state": str(state)})
    return embedding


def _embedding_named(image: Image, window: Window | None, etag: str, model: str) -> Embedding | None:
    """A finished one of the image, or of its window, with this etag or by this model."""
    shown = image.embedding
    if window is None and etag and shown is not None and shown.etag == etag:
        return shown if shown.state == Embedding.State.READY else None
    finished = Embedding.objects.filter(
        image_sha256=image.sha256, window=str(window or ""), state=Embedding.State.READY
    ).select_related("model_version")
    name, _, version = model.partition("@")
    by_model = finished.filter(model_version__name=name, model_version__version=version)
    return (by_model if model else finished.filter(etag=etag)).first()


def crop_get(*, image: Image, window: Window) -> Embedding:
    """The embedding of a window that was asked for before. Raises NotFound `crop.not_found`."""
    found = Embedding.objects.filter(
        image_sha256=image.sha256, model_version_id=model_shown(image=image).pk, window=str(window)
    ).select_related("model_version")
    embedding = found.first()
    if embedding is None:
        raise NotFound("Nobody asked for this window yet.", "crop.not_found")
    return embedding


def crops_outdated(*, before: datetime) -> QuerySet[Embedding]:
    """Windows nobody has asked for since `before`."""
    return Embedding.objects.exclude(window="").filter(queued_at__lt=before, state=Embedding.State.READY)


def embeddings_waiting() -> QuerySet[Embedding]:
    """Queued rows: those somebody waits for, then the one that waited longest first."""
    return Embedding.objects.filter(state=Embedding.State.QUEUED).order_by("-priority", "queued_at", "pk")


def embeddings_expired(*, now: datetime) -> QuerySet[Embedding]:
    """Running rows whose worker has not been heard of since its lease ended."""
    lost = Q(lease_expires_at__lt=now) | Q(lease_expires_at__isnull=True)
    return Embedding.objects.filter(lost, state=Embedding.State.RUNNING)


def images_without_embedding() -> QuerySet[Image]:
    """Images tied to no embedding, or to one of another model than their project's without that one being on its way."""
    # `exclude` keeps rows whose embedding is null.
    others = Image.objects.exclude(embedding__model_version=F("project__model"))
    on_its_way = Embedding.objects.filter(
        image_sha256=OuterRef("sha256"), model_version=OuterRef("project__model"), window=""
    ).exclude(state=Embedding.State.READY)
    return others.exclude(Q(embedding__state=Embedding.State.READY) & Exists(on_its_way))


def embedding_twin(*, embedding: Embedding) -> Embedding | None:
    """A finished embedding of the same picture by a model with the same image encoder: its bytes are what this one would
    be."""
    twins = embeddings_by(encoder_id=embedding.model_version.encoder_id, window=embedding.window)
    return twins.filter(image_sha256=embedding.image_sha256).exclude(pk=embedding.pk).first()


def embeddings_by(*, encoder_id: int, window: str = "") -> QuerySet[Embedding]:
    """Finished embeddings of whole pictures, or of a window of them, by models with this image encoder
    (`ModelVersion.encoder_id`)."""
    by_encoder = Q(model_version=encoder_id) | Q(model_version__encoder_of=encoder_id)
    return Embedding.objects.filter(by_encoder, window=window, state=Embedding.State.READY)


def model_embedding_counts(*, project: Project) -> dict[str, int]:
    """The project's images by the state of their embedding by its model, whether or not they are shown with it yet."""
    wanted = Embedding.objects.filter(
        model_version=project.model, window="", image_sha256=OuterRef("sha256")
    ).values("state")
    images = project.images.filter(original=None).order_by().annotate(wanted=Subquery(wanted))
    found = dict(images.values_list("wanted").annotate(Count("pk")))
    # An image without a row of its own yet is as good as queued.
    found[Embedding.State.QUEUED] = found.get(Embedding.State.QUEUED, 0) + found.pop(None, 0)
    return {str(state): found.get(state, 0) for state in Embedding.State}


def embedding_display_key(*, embedding: Embedding) -> str | None:
    """Key of the upright picture the embedding is of; None when the last image with it was deleted."""
    images = Image.objects.filter(sha256=embedding.image_sha256)
    return images.values_list("display_key", flat=True).first()


def project_failures(*, project: Project) -> QuerySet[Image]:
    """Images of the project whose embedding failed or was cancelled, the latest first."""
    failed = Image.objects.filter(project=project, original=None, embedding__state=Embedding.State.FAILED)
    return failed.select_related("embedding").order_by("-embedding__queued_at", "-pk")
