from typing import Final

from django.db import models

from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from backend.projects.models import Project

# The kind of the job that makes them.
MASK_VECTORS: Final = "mask_vectors"


class MaskVector(models.Model):
    """What a mask looks like to an image encoder. There is one only as long as the mask has the shape it was made of:
    `receivers` forgets it with that."""

    # No foreign key: whatever deletes images would have to read all their masks first, to see what hangs on them.
    mask_id = models.UUIDField(unique=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    # The image's, once more, so that one index answers for a project.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    # Of the mask when this was made; later ones differ in other things than the shape.
    revision = models.PositiveIntegerField()
    # The version whose image encoder it is of (`ModelVersion.encoder_id`): what was retrained without it sees the same.
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    # Little-endian float16 [C], of length 1.
    vector = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["project", "model_version", "id"], name="mask_vector_project")]

    def __str__(self) -> str:
        return f"{self.mask_id} by {self.model_version}"
