"""What `models.cli.generate_masks` writes is what the application imports: the two share the format, not code."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from backend.formats.reading import Reading
from backend.formats.sa1b import Sa1b
from backend.formats.sources import ZipSource
from models.sam.mask_generation.sa1b import sa1b_document
from models.sam.mask_generator import AutomaticMaskGenerator, GeneratorSettings
from tests.builders import make_zip
from tests.models.mask_generation.scene import SceneDecoder

GOLDEN = Path(__file__).resolve().parents[1] / "data" / "golden"


def test_generated_masks_are_imported_as_they_are() -> None:
    scene = np.load(GOLDEN / "amg_helpers.npz")["scene_u8"]
    chosen = GeneratorSettings(points_per_side=8, crop_n_layers=1)
    records = AutomaticMaskGenerator(SceneDecoder()).generate(scene, chosen)
    document = sa1b_document(records, 3, "scene.png", (240, 320))
    archive = make_zip({"scene.json": json.dumps(document).encode()})
    reading = Reading(ZipSource(zipfile.ZipFile(io.BytesIO(archive))))
    (picture,) = Sa1b().read(reading)
    assert reading.problem_count == 0
    assert (picture.file_name, picture.width, picture.height) == ("scene.png", 320, 240)
    assert len(picture.objects) == len(records) > 10
    for read, record in zip(picture.objects, records, strict=True):
        assert read.region.area == record["area"]
        assert read.region.counts == record["segmentation"]["counts"]
        assert read.predicted_iou == record["predicted_iou"]
        assert read.stability_score == record["stability_score"]
        assert read.prompts is not None
        assert read.prompts["points"] == [[*record["point_coords"][0], 1]]
        x, y, width, height = read.region.bbox
        assert [x, y, width - 1, height - 1] == record["bbox"]
