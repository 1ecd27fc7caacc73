"""What annotations do when images go."""

from collections import Counter

from backend.annotations.figures import masks_figures
from backend.annotations.image_figures import image_figures, masks_made
from backend.annotations.models import Mask
from backend.images.events import image_deleting
from backend.images.models import Image
from backend.tallies.families import IMAGES, MASKS
from backend.tallies.models import Measure
from backend.tallies.services import changes_note, tally_add
from backend.work.statuses import works_held


def on_image_deleting(*, image: Image, **_: object) -> None:
    """Takes the masks that go with the image out of the sums."""
    # Held, so that none is saved between the counting and the end: whoever saves one holds it too.
    works_held().filter(pk=image.pk).first()
    gone = list(masks_figures(Mask.objects.filter(image=image).order_by()))
    for label_id, count in Counter(one["label_id"] for one in gone).items():
        tally_add(project_id=image.project_id, measure=Measure.MASKS, label_id=label_id, amount=-count)
    if gone:
        tally_add(project_id=image.project_id, measure=Measure.ANNOTATED_IMAGES, amount=-1)
    changes_note(MASKS, gone=gone)
    changes_note(IMAGES, gone=image_figures(image.project_id, masks_made(image.pk)))


def subscribe() -> None:
    """Called once, when the app is loaded."""
    image_deleting.connect(on_image_deleting, dispatch_uid="annotations.image_deleting")
