"""The whole model: image encoder, prompt encoder, mask decoder, and the numbers around them."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.sam.modeling.mask_decoder import MaskDecoder
from models.sam.modeling.prompt_encoder import ImageOfPrompts, PromptEncoder
from models.sam.postprocess import upscale_masks

PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)


class Sam(nn.Module):
    """Image in, masks out. `image_size` is the side S of the square input in pixels."""

    mask_threshold = 0.0
    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(
        self,
        image_encoder: nn.Module,
        prompt_encoder: PromptEncoder,
        mask_decoder: MaskDecoder,
        image_size: int,
    ) -> None:
        super().__init__()
        self.image_encoder = image_encoder
        self.prompt_encoder = prompt_encoder
        self.mask_decoder = mask_decoder
        self.image_size = image_size
        # Not in the published files, hence not persistent; real values even if the rest is built on "meta".
        for name, values in (("pixel_mean", PIXEL_MEAN), ("pixel_std", PIXEL_STD)):
            self.register_buffer(name, torch.tensor(values, device="cpu").reshape(3, 1, 1), persistent=False)

    @property
    def device(self) -> torch.device:
        return self.pixel_mean.device

    def preprocess(self, x: Tensor) -> Tensor:
        """RGB 0..255, [..., 3, h, w], sides up to S -> normalised, zero-padded right and bottom to S x S."""
        x = (x - self.pixel_mean) / self.pixel_std
        height, width = x.shape[-2:]
        return F.pad(x, (0, self.image_size - width, 0, self.image_size - height))

    def postprocess_masks(
        self, low_res_masks: Tensor, input_size: tuple[int, int], original_size: tuple[int, int]
    ) -> Tensor:
        """Low-res logits [N, M, L, L] -> logits [N, M, H, W]; see `postprocess.upscale_masks`."""
        return upscale_masks(low_res_masks, self.image_size, input_size, original_size)

    @torch.no_grad()
    def forward(self, batched_input: list[dict[str, Any]], multimask_output: bool) -> list[dict[str, Tensor]]:
        """Masks for several images with their prompts in one call.

        Each input: `image` [3, h, w] (RGB 0..255, already resized), `original_size` (H, W), and any of
        `point_coords` [N, n, 2] with `point_labels` [N, n], `boxes` [N, 4], `mask_inputs` [N, 1, L, L], all
        in the resized frame, and `text_embeddings` [N, D] for a model with text prompts. Each output:
        `masks` bool [N, M, H, W], `iou_predictions` [N, M], `low_res_logits` [N, M, L, L].
        """
        images = torch.stack([self.preprocess(record["image"]) for record in batched_input])
        image_pe = self.prompt_encoder.get_dense_pe()
        outputs = []
        for record, embedding in zip(batched_input, self.image_encoder(images), strict=True):
            coords = record.get("point_coords")
            points = None if coords is None else (coords, record["point_labels"])
            image = ImageOfPrompts(embedding[None])
            sparse, dense = self.prompt_encoder(
                points,
                record.get("boxes"),
                record.get("mask_inputs"),
                image=image,
                text=record.get("text_embeddings"),
            )
            low_res, iou = self.mask_decoder(embedding[None], image_pe, sparse, dense, multimask_output)
            height, width = record["image"].shape[-2:]
            masks = self.postprocess_masks(low_res, (height, width), record["original_size"])
            outputs.append(
                {"masks": masks > self.mask_threshold, "iou_predictions": iou, "low_res_logits": low_res}
            )
        return outputs
