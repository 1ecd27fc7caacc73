"""A data set of others imported and exported: nothing of it is another one afterwards."""

from pathlib import Path

from backend.launch.layout import ROOT
from backend.users.models import User
from tests.backend.formats.coco_again import again, total


def test_a_data_set_is_the_same_after_import_and_export(
    model_version: object, owner: User, tmp_path: Path
) -> None:
    found = again(ROOT / "tests/data/sample", owner, tmp_path / "work")
    assert (found.images, found.masks) == (4, 55)
    assert found.exported_images == found.images
    assert found.exported_masks == found.counts_identical == found.mask_ids_kept == found.masks
    assert found.image_ids_kept == found.images
    assert found.names_kept == found.names == 1
    assert found.second_export_ids == found.second_import_ids == found.images + found.masks
    assert total([found, found]).masks == 2 * found.masks
