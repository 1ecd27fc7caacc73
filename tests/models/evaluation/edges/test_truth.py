"""People's lines: from files with a bit for each annotator, from masks where there is no file."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.sam.evaluation.edges.truth import TrueBoundaries, boundary_of
from models.sam.rle import encode
from models.sam.training.data_sources import DataError, read_images

SIZE = 12, 16


def half(column: int) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[:, :column] = True
    return mask


def write_set(folder: Path, annotators: list[int | None], bits: np.ndarray | None) -> Path:
    """One image; annotator i's masks part it at column 4 + i. `bits` go into the boundary file."""
    annotations = []
    for number, annotator in enumerate(annotators):
        for mask in (half(4 + number), ~half(4 + number)):
            extra = {} if annotator is None else {"annotator": annotator}
            annotations.append(
                {"id": len(annotations) + 1, "image_id": 3, "segmentation": encode(mask), **extra}
            )
    image = {"id": 3, "file_name": "a.b.png", "height": SIZE[0], "width": SIZE[1], "split": "val"}
    (folder / "images").mkdir(parents=True)
    Image.new("RGB", SIZE[::-1]).save(folder / "images/a.b.png")
    (folder / "annotations.json").write_text(json.dumps({"images": [image], "annotations": annotations}))
    if bits is not None:
        (folder / "boundaries_val").mkdir()
        Image.fromarray(bits).save(folder / "boundaries_val/a.b.png")
    return folder


def lines_of(path: Path) -> tuple[list[np.ndarray], bool]:
    (image,) = read_images(path, "val")
    return TrueBoundaries(path).of(image)


@pytest.mark.parametrize(("kind", "last"), [(np.uint8, 7), (np.uint16, 8)])
def test_each_bit_is_an_annotator_and_one_without_lines_is_left_out(
    kind: type[np.unsignedinteger], last: int, tmp_path: Path
) -> None:
    bits = np.zeros(SIZE, kind)
    bits[2] |= kind(1)
    bits[:, 5] |= kind(1 << last)
    maps, is_of_masks = lines_of(write_set(tmp_path / "set", [1], bits))
    assert not is_of_masks
    assert len(maps) == 2
    np.testing.assert_array_equal(np.argwhere(maps[0])[:, 0], [2] * SIZE[1])
    np.testing.assert_array_equal(np.argwhere(maps[1])[:, 1], [5] * SIZE[0])


def test_a_shard_is_read_like_a_folder(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", [1], np.eye(*SIZE, dtype=np.uint8))
    with tarfile.open(tmp_path / "set.tar", "w") as tar:
        for file in sorted(folder.rglob("*.*")):
            data = file.read_bytes()
            entry = tarfile.TarInfo(file.relative_to(folder).as_posix())
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    (of_shard,), is_of_masks = lines_of(tmp_path / "set.tar")
    assert not is_of_masks
    np.testing.assert_array_equal(of_shard, lines_of(folder)[0][0])


def test_without_a_file_the_masks_of_each_annotator_are_outlined(tmp_path: Path) -> None:
    maps, is_of_masks = lines_of(write_set(tmp_path / "set", [2, 1], None))
    assert is_of_masks
    assert [set(np.nonzero(one)[1]) for one in maps] == [{4}, {3}]


def test_masks_without_an_annotator_are_one_persons(tmp_path: Path) -> None:
    (lines,), _ = lines_of(write_set(tmp_path / "set", [None], None))
    assert set(np.nonzero(lines)[1]) == {3}


def test_a_file_of_another_size_is_refused(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", [1], np.zeros((3, 4), np.uint8))
    with pytest.raises(DataError, match=r"boundaries_val/a.b.png is uint8 \[3, 4\]"):
        lines_of(folder)
    (folder / "boundaries_val/a.b.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="is no picture"):
        lines_of(folder)


def test_outlines_are_a_pixel_wide_closed_and_shared() -> None:
    square = np.zeros((20, 20), bool)
    square[5:15, 6:16] = True
    alone = boundary_of([square], (20, 20))
    np.testing.assert_array_equal(boundary_of([square, ~square], (20, 20)), alone)
    assert 36 <= alone.sum() <= 40
    assert not alone[:3].any()
    assert not boundary_of([np.ones((20, 20), bool)], (20, 20)).any()
    assert not boundary_of([], (20, 20)).any()
