"""What a run found on an image, stored in one transaction with the note that the run is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.annotations.models import Mask
from backend.formats.rle import Region, region_parse
from backend.images.models import Image
from backend.proposals.coverage import covered_by
from backend.proposals.marking import proposals_supersede
from backend.proposals.models import Proposal, ProposalRun, ProposedImage
from backend.proposals.selectors import images_left
from backend.work.statuses import works_held


@dataclass(frozen=True)
class Found:
    """A mask as the generator records it: compressed counts of the image's size, the point (x, y) and the crop
    (x, y, width, height) it was found by, in pixels of the image."""

    counts: str
    predicted_iou: float
    stability_score: float
    point: tuple[float, float]
    crop_box: tuple[int, int, int, int]


def proposals_store(
    *, run: ProposalRun, image: Image, found: Sequence[Found], error_code: str = ""
) -> ProposedImage | None:
    """Keeps what lies over none of the image's masks. None where the image was deleted, or the run is not to look
    at it any more, or did so already.

    Call it in a transaction. Raises InvalidInput for counts that are not of this image.
    """
    # Held first: nobody saves a mask meanwhile, nor decides.
    if works_held().filter(pk=image.pk).first() is None:
        return None
    if not images_left(run=run).filter(pk=image.pk).exists():
        return None
    size = {"height": image.height, "width": image.width}
    regions = [region_parse(one.counts, **size) for one in found]
    masks = list(Mask.objects.filter(image=image).order_by().values_list("counts", flat=True))
    covered = covered_by([region.counts for region in regions], masks, **size)
    rows = [
        _proposal(run, image, one, region)
        for one, region, is_covered in zip(found, regions, covered, strict=True)
        if not is_covered
    ]
    if run.supersede and not error_code:
        proposals_supersede(image_id=image.pk, before_run=run.pk)
    Proposal.objects.bulk_create(rows, batch_size=200)
    return ProposedImage.objects.create(
        run=run, image=image, open=len(rows), covered=sum(covered), error_code=error_code
    )


def _proposal(run: ProposalRun, image: Image, found: Found, region: Region) -> Proposal:
    x, y, width, height = region.bbox
    crop_x, crop_y, crop_width, crop_height = found.crop_box
    return Proposal(
        run=run,
        project_id=run.project_id,
        image=image,
        counts=region.counts,
        bbox_x=x,
        bbox_y=y,
        bbox_width=width,
        bbox_height=height,
        area=region.area,
        predicted_iou=found.predicted_iou,
        stability_score=found.stability_score,
        point_x=found.point[0],
        point_y=found.point[1],
        crop_x=crop_x,
        crop_y=crop_y,
        crop_width=crop_width,
        crop_height=crop_height,
    )


def images_counted(*, run: ProposalRun, is_over: bool = False) -> tuple[int, int]:
    """(images the run is done with, images in all), the latter kept with the run. Once it `is_over`, those it did not
    come to are none of it: somebody deleted them, or their work went on. Call it in a transaction."""
    done = run.images.count()
    total = done if is_over else done + images_left(run=run).count()
    ProposalRun.objects.filter(pk=run.pk).update(images_total=total)
    return done, total
