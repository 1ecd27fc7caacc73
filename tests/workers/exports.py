"""An export that takes long enough to be killed in the middle."""

MASKS = 15_000
# So many that writing them takes some seconds.
MAKE_MASKS = f"""
import uuid
from backend.annotations.models import Mask
from backend.images.models import Image
from backend.projects.models import Label
label, images = Label.objects.first(), list(Image.objects.order_by("pk"))
prompts = {{"points": [[float(n), 1.5, 1] for n in range(100)], "box": None, "candidate": 0}}
Mask.objects.bulk_create(
    [
        Mask(
            id=uuid.uuid4(), image=images[n * len(images) // {MASKS}], label=label, counts="`0" * 40,
            bbox_x=1, bbox_y=1, bbox_width=2, bbox_height=2, area=4, prompts=prompts, stage="assisted_manual",
        )
        for n in range({MASKS})
    ],
    batch_size=2000,
)
"""
