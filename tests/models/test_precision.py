"""bfloat16 where it is faster, and only there."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.sam import precision
from models.sam.modeling.sam import Sam
from models.sam.precision import precision_of
from models.sam.predictor import SamPredictor


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [
        ("flags : sse2 avx2 avx512f", torch.float32),
        ("flags : avx512f avx512_bf16", torch.bfloat16),
        ("flags : amx_bf16 amx_tile", torch.bfloat16),
    ],
)
def test_a_processor_says_whether_it_multiplies_bfloat16(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, dtype: torch.dtype
) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor : 0\n{flags}\n")
    monkeypatch.setattr(precision, "CPU_INFO", file)
    assert precision_of("auto", "cpu") == dtype
    assert precision_of("float32", "cpu") == torch.float32
    assert precision_of("bfloat16", "cpu") == torch.bfloat16


def test_a_processor_that_does_not_say_computes_in_float32(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(precision, "CPU_INFO", tmp_path / "nothing")
    assert precision_of("auto", "cpu") == torch.float32
    assert precision_of("auto", "mps") == torch.float32


def test_other_words_are_refused() -> None:
    with pytest.raises(ValueError, match="float16"):
        precision_of("float16", "cpu")


def test_embeddings_of_bfloat16_are_float32_and_near(tiny_sam: Sam) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (50, 60, 3), np.uint8)
    (exact,), (near,) = (
        SamPredictor(tiny_sam, dtype).encode([picture]) for dtype in (torch.float32, torch.bfloat16)
    )
    assert near.embedding.dtype == torch.float32
    off = (near.embedding - exact.embedding).abs()
    assert 0 < off.max() < 0.2 * exact.embedding.std()
