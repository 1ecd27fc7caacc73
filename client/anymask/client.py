"""The API as methods; what they answer is typed as the schema says (`anymask.types`)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anymask.downloads import ByteProgress
from anymask.jobs import Jobs
from anymask.masks import mask_encode
from anymask.session import page_count
from anymask.types import (
    Formats,
    Image,
    ImageDetail,
    Label,
    Mask,
    Project,
    ProjectDetail,
    ProjectEmbeddings,
    Segmentation,
    User,
)
from anymask.uploads import Source, UploadReport, batch_count, sources_found, sources_upload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Client(Jobs):
    """People, projects, images and masks; with `Jobs`, exports and imports too, and what `Session` takes and raises."""

    def me(self) -> User:
        user: User = self.get("auth/me/")
        return user

    def formats(self) -> Formats:
        formats: Formats = self.get("formats/")
        return formats

    def projects(self) -> Iterator[Project]:
        return self.listed("projects/")

    def project(self, project_id: int) -> ProjectDetail:
        project: ProjectDetail = self.get(f"projects/{project_id}/")
        return project

    def project_create(self, name: str, **fields: Any) -> ProjectDetail:
        """`fields`: description, licence_note, guidelines, model."""
        project: ProjectDetail = self.transport.send(
            "POST", "projects/", json={"name": name, **fields}, is_keyed=True
        ).json()
        return project

    def labels(self, project_id: int) -> list[Label]:
        labels: list[Label] = self.get(f"projects/{project_id}/labels/")
        return labels

    def label_create(self, project_id: int, name: str, **fields: Any) -> Label:
        """`fields`: supercategory, color, attributes."""
        path = f"projects/{project_id}/labels/"
        label: Label = self.transport.send("POST", path, json={"name": name, **fields}, is_keyed=True).json()
        return label

    def images(self, project_id: int, **filters: Any) -> Iterator[Image]:
        """All of the project, oldest first; `filters`: state, annotated, status, assignee, assigned, skipped, name."""
        return self.listed(f"projects/{project_id}/images/", **filters)

    def image(self, image_id: int) -> ImageDetail:
        image: ImageDetail = self.get(f"images/{image_id}/")
        return image

    def upload(
        self, project_id: int, paths: Sequence[Path | str | Source], *, progress: ByteProgress | None = None
    ) -> UploadReport:
        """Sends files, folders and zips in batches; see `uploads`. Raises FileNotFoundError too."""
        sources = [
            source
            for path in paths
            for source in ([path] if isinstance(path, Source) else sources_found([Path(path)]))
        ]
        known = self._known(project_id, len(sources))
        return sources_upload(self.transport, project_id, sources, known=known, progress=progress)

    def _known(self, project_id: int, file_count: int) -> frozenset[str]:
        """SHA-256 of the project's pictures, where asking for them is cheaper than sending files in vain."""
        pages = page_count(self.project(project_id)["image_count"])
        if pages > batch_count(file_count) + 1:
            return frozenset()
        return frozenset(
            digest
            for image in self.images(project_id)
            for digest in (image["sha256"], image["source_sha256"])
            if digest
        )

    def embeddings(self, project_id: int) -> ProjectEmbeddings:
        """The project's embeddings as one piece of work."""
        embeddings: ProjectEmbeddings = self.get(f"projects/{project_id}/embeddings/")
        return embeddings

    def masks(self, image_id: int) -> list[Mask]:
        """`masks.mask_decode(mask["segmentation"])` gives one's pixels."""
        masks: list[Mask] = self.get(f"images/{image_id}/masks/")
        return masks

    def mask_create(
        self,
        image_id: int,
        pixels: NDArray[np.bool_] | Segmentation,
        label_id: int | None,
        *,
        mask_id: str | None = None,
        **fields: Any,
    ) -> Mask:
        """A boolean [H, W] array of the upright original, or its RLE. `mask_id` is a uuid: the same again saves nothing
        twice. `fields`: z, attributes, prompts, model, predicted_iou, stability_score, stage, seconds_spent, tool."""
        segmentation = pixels if isinstance(pixels, dict) else mask_encode(pixels)
        body = {
            "id": mask_id or str(uuid.uuid4()),
            "label": label_id,
            "segmentation": segmentation,
            "prompts": {"points": [], "box": None, "candidate": 0},
            "stage": "assisted_manual",
            **fields,
        }
        answer = self.transport.send("POST", f"images/{image_id}/masks/", json=body, is_repeatable=True)
        mask: Mask = answer.json()
        return mask

    def mask_delete(self, mask: Mask) -> None:
        """Raises ApiError `mask.stale_revision` where somebody changed it since."""
        self.transport.send("DELETE", f"masks/{mask['id']}/", params={"revision": mask["revision"]})
