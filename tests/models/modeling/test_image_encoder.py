"""Windows and relative positions against helpers.npz; chunked attention; batches."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.sam.modeling import image_encoder
from models.sam.modeling.common import plain_attention
from models.sam.modeling.image_encoder import (
    Block,
    RelativePositions,
    relative_positions,
    resized_positions,
    window_partition,
    window_unpartition,
)
from models.sam.modeling.sam import Sam


@pytest.fixture(scope="module")
def helpers(golden: Path) -> dict[str, np.ndarray]:
    return dict(np.load(golden / "helpers.npz"))


def test_windows_match_the_golden_arrays(helpers: dict[str, np.ndarray]) -> None:
    x = torch.from_numpy(helpers["wp_in"])
    windows, padded = window_partition(x, 7)
    np.testing.assert_array_equal(windows.numpy(), helpers["wp_windows"])
    assert list(padded) == helpers["wp_padded_hw"].tolist()
    back = window_unpartition(windows, 7, padded, (16, 16))
    np.testing.assert_array_equal(back.numpy(), helpers["wp_back"])


@pytest.mark.parametrize(("key", "sizes"), [("q7k7", (7, 7)), ("q16k16_interp", (16, 16)), ("q4k8", (4, 8))])
def test_relative_positions_match(helpers: dict[str, np.ndarray], key: str, sizes: tuple[int, int]) -> None:
    table = torch.from_numpy(helpers["relpos_table"])
    answer = relative_positions(*sizes, table).numpy()
    np.testing.assert_allclose(answer, helpers[f"relpos_{key}"], atol=2e-5, rtol=1e-4)


def test_the_bias_is_the_sum_over_both_axes() -> None:
    torch.manual_seed(0)
    q, rows, columns = torch.randn(2, 6, 4), torch.randn(3, 4), torch.randn(5, 4)
    bias = RelativePositions(q, rows, columns, (2, 3)).of_rows(0, 2)
    for query in range(6):
        for key in range(6):
            (i, j), (k, m) = divmod(query, 3), divmod(key, 3)
            expected = q[:, query] @ rows[i - k + 1] + q[:, query] @ columns[j - m + 2]
            torch.testing.assert_close(bias[:, query, key], expected)


@pytest.mark.parametrize("most", [1, 3 * 16 * 256, 3 * 256 * 256])
def test_attention_in_parts_equals_attention_at_once(
    tiny_sam: Sam, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    # Rows one by one, three of them, three heads: of 16 x 16 cells.
    image = torch.randn(2, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        monkeypatch.setattr(image_encoder, "MAX_BIAS_ELEMENTS", {"cpu": 1 << 40})
        whole = tiny_sam.image_encoder(image)
        monkeypatch.setattr(image_encoder, "MAX_BIAS_ELEMENTS", {"cpu": most})
        torch.testing.assert_close(tiny_sam.image_encoder(image), whole, atol=2e-5, rtol=1e-4)


def test_a_batch_equals_single_images(tiny_sam: Sam) -> None:
    images = torch.randn(3, 3, 256, 256, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        together = tiny_sam.image_encoder(images)
        alone = torch.cat([tiny_sam.image_encoder(image[None]) for image in images])
    torch.testing.assert_close(together, alone, atol=2e-5, rtol=1e-4)


def test_plain_attention_equals_the_fused_kernel() -> None:
    q, k, v = torch.randn(3, 2, 4, 5, 8, generator=torch.Generator().manual_seed(3))
    fused = torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=0.3)
    torch.testing.assert_close(plain_attention(q, k, v, 0.3), fused)


def test_drop_path_skips_branches_in_training_and_keeps_their_mean() -> None:
    torch.manual_seed(0)
    block = Block(16, 2, 2, window_size=0, grid=4, drop_path=0.5)
    plain = Block(16, 2, 2, window_size=0, grid=4)
    plain.load_state_dict(block.state_dict())
    x = torch.randn(1, 4, 4, 16).expand(4000, -1, -1, -1)
    with torch.no_grad():
        torch.testing.assert_close(block.eval()(x[:2]), plain(x[:2]))
        once = block._kept(x)
        assert torch.equal(once, x)
        dropped = block.train()._kept(x)
    skipped = (dropped == 0).all(dim=(1, 2, 3))
    assert float(skipped.float().mean()) == pytest.approx(0.5, abs=0.04)
    torch.testing.assert_close(dropped[~skipped], 2 * x[~skipped])


def test_a_position_table_is_resized_only_for_other_sides(tiny_sam: Sam) -> None:
    table = tiny_sam.image_encoder.get_parameter("pos_embed")
    assert resized_positions(table, (16, 16)) is table
    half = resized_positions(table, (8, 8))
    # Bicubic, hence not exactly, but nearly the mean of four neighbours.
    mean = table.reshape(1, 8, 2, 8, 2, -1).mean(dim=(2, 4))
    assert torch.corrcoef(torch.stack([half.flatten(), mean.flatten()]))[0, 1] > 0.9
    with torch.no_grad():
        assert tiny_sam.image_encoder(torch.zeros(1, 3, 64, 96)).shape == (1, 64, 4, 6)
