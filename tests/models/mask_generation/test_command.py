"""The command: SA-1B's files, read by the format that the application reads them with."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.cli import generate_masks
from models.sam import rle
from models.sam.mask_generation.sa1b import sa1b_document

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "images"
PHOTOGRAPH = SAMPLE / "8175a55b711c948f.jpg"


def run(photographs: Path, output: Path, *more: str) -> int:
    return generate_masks.main(
        [
            *("--input", str(photographs), "--output", str(output), "--model", "anymask_s"),
            *("--points-per-side", "4", "--pred-iou-thresh", "0.3", "--stability-score-thresh", "0.5"),
            *more,
        ]
    )


def test_a_photograph_becomes_a_file_of_sa1b(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PHOTOGRAPH, tmp_path) == 0
    document = json.loads((tmp_path / f"{PHOTOGRAPH.stem}.json").read_text())
    with Image.open(PHOTOGRAPH) as image:
        width, height = image.size
    assert document["image"] == {
        "image_id": 1,
        "width": width,
        "height": height,
        "file_name": PHOTOGRAPH.name,
    }
    assert f"{PHOTOGRAPH.name}: {len(document['annotations'])} masks" in capsys.readouterr().out
    assert document["annotations"]
    for annotation in document["annotations"]:
        assert set(annotation) == {
            *("id", "bbox", "segmentation", "area", "predicted_iou"),
            *("point_coords", "crop_box", "stability_score"),
        }
        mask = rle.decode(annotation["segmentation"])
        assert mask.shape == (height, width)
        assert mask.sum() == annotation["area"]
        assert annotation["crop_box"] == [0, 0, width, height]
        x0, y0, w, h = annotation["bbox"]
        assert mask[y0 : y0 + h + 1, x0 : x0 + w + 1].sum() == annotation["area"]


def test_bad_photographs_stop_no_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"no picture")
    Image.open(PHOTOGRAPH).save(folder / "b.png")
    (folder / "notes.txt").write_text("no photograph either")
    assert run(folder, tmp_path / "out") == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.json"]
    assert json.loads((tmp_path / "out" / "b.json").read_text())["image"]["image_id"] == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("generate_masks: a.jpg: ")


def test_files_are_left_alone_only_when_resuming(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / f"{PHOTOGRAPH.stem}.json"
    written.write_text("of an earlier run")
    assert run(PHOTOGRAPH, tmp_path, "--resume") == 0
    assert written.read_text() == "of an earlier run"
    assert run(PHOTOGRAPH, tmp_path) == 0
    assert written.read_text() != "of an earlier run"


def test_a_turned_photograph_is_seen_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(np.zeros((8, 12, 3), np.uint8)).save(tmp_path / "turned.jpg", exif=turned)
    assert generate_masks.read_photograph(tmp_path / "turned.jpg").shape == (12, 8, 3)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--input", "absent.jpg"), "absent.jpg is neither a photograph nor a folder"),
        (("--input", str(Path(__file__).parent)), "holds no photograph"),
        (("--model", "absent"), "model.unknown"),
        (("--box-nms-thresh", "3"), "box_nms_thresh must be between 0 and 1, not 3.0"),
    ],
)
def test_bad_options_are_told_in_a_line(
    more: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(PHOTOGRAPH, tmp_path / "out", *more) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("generate_masks: ")
    assert said in line
    assert not (tmp_path / "out").exists()


def test_two_photographs_cannot_share_a_file(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    with pytest.raises(ValueError, match=r"a\.jpg and a\.png would both be written to a\.json"):
        generate_masks.photographs_in(tmp_path)


def test_settings_replace_those_of_the_preset() -> None:
    required = ["--input", "a", "--output", "b", "--model", "tiny"]
    options = generate_masks.build_parser().parse_args(
        [*required, "--preset", "sa1b", "--points-per-side", "16"]
    )
    settings = generate_masks.settings_of(options)
    assert (settings.points_per_side, settings.crop_n_layers, settings.full_image_share) == (16, 2, 0.95)


def test_progress_says_how_long_the_rest_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr(generate_masks.time, "monotonic", lambda: now)
    progress = generate_masks.Progress(3)
    now = 104.0
    progress.show(0, "a.jpg", 1, 4)
    now = 130.0
    progress.show(1, "b.jpg", 2, 4)
    assert capsys.readouterr().err == "image 2 of 3, b.jpg: 2 of 4 points, 0:00:30 left\n"


def test_ids_are_unique_among_the_images_of_a_run() -> None:
    record = {"area": 1}
    ids = [
        annotation["id"]
        for image_id in (1, 2)
        for annotation in sa1b_document([record, record], image_id, "a.jpg", (2, 2))["annotations"]
    ]
    assert len(set(ids)) == 4
