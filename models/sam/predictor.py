"""Set an image once, prompt it many times.

Prompts are in pixels of the original photograph, XY order, XYXY boxes; masks come back at its size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam
from models.sam.refine import Window, box_into, crop_window, cut, paste, points_into
from models.sam.transforms import resize_image, resized_size, scale_boxes, scale_coords


@dataclass(frozen=True)
class EncodedImage:
    """An embedding [1, C, E, E] and the sizes (H, W) of the photograph and of its resized form."""

    embedding: Tensor
    original_size: tuple[int, int]
    input_size: tuple[int, int]


class Prediction(NamedTuple):
    """Answer to one prompt: masks [M, H, W] (bool or logits), IoU predictions [M], logits [M, L, L]."""

    masks: np.ndarray
    iou_predictions: np.ndarray
    low_res_masks: np.ndarray


class BatchPrediction(NamedTuple):
    """Answer to N prompts on the model's device: [N, M, H, W], [N, M], [N, M, L, L]."""

    masks: Tensor
    iou_predictions: Tensor
    low_res_masks: Tensor


class CropPrediction(NamedTuple):
    """`Prediction` from a crop: masks [M, H, W] of the photograph; the low-res logits are those of the crop's frame."""

    masks: np.ndarray
    iou_predictions: np.ndarray
    low_res_masks: np.ndarray
    crop_box: Window


class SamPredictor:
    """Prompts one or several images. The model is put in eval mode; every method runs without gradients.

    The image encoder computes its products in `encoder_dtype` (float32 or bfloat16); embeddings are float32 always.
    """

    def __init__(self, model: Sam, encoder_dtype: torch.dtype = torch.float32) -> None:
        self.model = model.eval()
        self.encoder_dtype = encoder_dtype
        self._encoder: Callable[[Tensor], Tensor] = self.model.image_encoder
        self.images: list[EncodedImage] = []
        with torch.no_grad():
            self._image_pe = model.prompt_encoder.get_dense_pe()

    @torch.no_grad()
    def encode(self, images: Sequence[np.ndarray], image_format: str = "RGB") -> list[EncodedImage]:
        """Embed uint8 images [H, W, 3], of any sizes, in one batch. `image_format` is RGB or BGR."""
        if image_format not in ("RGB", "BGR"):
            raise ValueError(f"image_format must be RGB or BGR, not {image_format!r}")
        side, inputs, sizes = self.model.image_size, [], []
        for image in images:
            if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
                raise ValueError(f"an image must be uint8 [H, W, 3], not {image.dtype} {list(image.shape)}")
            resized = resize_image(image if image_format == "RGB" else image[..., ::-1], side)
            tensor = torch.tensor(resized, device=self.model.device).permute(2, 0, 1).float()
            inputs.append(self.model.preprocess(tensor))
            sizes.append(((image.shape[0], image.shape[1]), (resized.shape[0], resized.shape[1])))
        if not inputs:
            return []
        embeddings = self._embedded(torch.stack(inputs))
        return [
            EncodedImage(embedding[None], original, resized_hw)
            for embedding, (original, resized_hw) in zip(embeddings, sizes, strict=True)
        ]

    def compile_encoder(self, mode: str) -> None:
        """Have the image encoder compiled by `torch.compile` when it is first used, which takes a minute or two for each
        number of images; "reduce-overhead" also records CUDA graphs. Raises what the compiler raises; then nothing
        has changed.
        """
        compiled = torch.compile(self.model.image_encoder, mode=mode)
        side = self.model.image_size
        self._encoder = compiled
        try:
            self.encode([np.zeros((side, side, 3), np.uint8)])
        except Exception:
            self._encoder = self.model.image_encoder
            raise

    def _embedded(self, inputs_BCHW: Tensor) -> Tensor:
        """Preprocessed images through the encoder: float32 [B, C, E, E]."""
        is_float32 = self.encoder_dtype == torch.float32
        with torch.autocast(self.model.device.type, self.encoder_dtype, enabled=not is_float32):
            return self._encoder(inputs_BCHW).float()

    def set_image(self, image: np.ndarray, image_format: str = "RGB") -> None:
        """Encode one image and make it the one that `predict` asks."""
        self.set_images([image], image_format)

    def set_images(self, images: Sequence[np.ndarray], image_format: str = "RGB") -> None:
        """Encode several images; `predict(..., image=i)` asks the i-th."""
        self.images = self.encode(images, image_format)

    def set_embedding(self, embedding: Tensor | np.ndarray, original_size: tuple[int, int]) -> None:
        """Use a stored embedding [1, C, E, E] of a photograph of `original_size` (H, W)."""
        self.images = [self.encoded_as(embedding, original_size)]

    def encoded_as(self, embedding: Tensor | np.ndarray, original_size: tuple[int, int]) -> EncodedImage:
        """A stored embedding [1, C, E, E] of a photograph of `original_size` (H, W) as `encode` gives it. ValueError for
        one of another shape."""
        tensor = torch.as_tensor(embedding).to(self.model.device, torch.float32)
        expected = (1, self.model.prompt_encoder.embed_dim, *self.model.prompt_encoder.image_embedding_size)
        if tensor.shape != expected:
            raise ValueError(f"the embedding must be {list(expected)}, not {list(tensor.shape)}")
        return EncodedImage(tensor, original_size, resized_size(*original_size, self.model.image_size))

    def predict(
        self,
        point_coords: np.ndarray | None = None,
        point_labels: np.ndarray | None = None,
        box: np.ndarray | None = None,
        mask_input: np.ndarray | None = None,
        multimask_output: bool = True,
        return_logits: bool = False,
        image: int | EncodedImage = 0,
        text_embedding: np.ndarray | None = None,
    ) -> Prediction:
        """Masks for one prompt.

        point_coords [n, 2] with point_labels [n] (1 foreground, 0 background, -1 no point); box [4];
        mask_input [1, L, L], low-res logits of an earlier answer; text_embedding [D] of a word, for models with text
        prompts (`models.sam.text`), alone or beside the others. `multimask_output` gives whole, part and
        subpart (M = 3), else one mask. `image` is the number of an image that was set, or one from `encode`.
        Raises ValueError for malformed prompts, RuntimeError when no image is set.
        """
        answer = self.predict_batch(
            None if point_coords is None else np.asarray(point_coords)[None],
            None if point_labels is None else np.asarray(point_labels)[None],
            None if box is None else np.asarray(box).reshape(1, 4),
            None if mask_input is None else np.asarray(mask_input)[None],
            multimask_output,
            return_logits,
            image,
            None if text_embedding is None else np.asarray(text_embedding)[None],
        )
        return Prediction(*(tensor[0].cpu().numpy() for tensor in answer))

    @torch.no_grad()
    def predict_batch(
        self,
        point_coords: np.ndarray | None = None,
        point_labels: np.ndarray | None = None,
        boxes: np.ndarray | None = None,
        mask_inputs: np.ndarray | Tensor | None = None,
        multimask_output: bool = True,
        return_logits: bool = False,
        image: int | EncodedImage = 0,
        text_embeddings: np.ndarray | Tensor | None = None,
    ) -> BatchPrediction:
        """Masks for N prompts on one image in one call.

        point_coords [N, n, 2] with point_labels [N, n]; boxes [N, 4]; mask_inputs [N, 1, L, L]; text_embeddings [N, D].
        Prompts with fewer points than others are filled up with label -1. `image` as in `predict`.
        """
        encoded = self._image(image)
        points, boxes_xyxy, masks_in = self._prepare(encoded, point_coords, point_labels, boxes, mask_inputs)
        about = ImageOfPrompts(encoded.embedding)
        text = None
        if text_embeddings is not None:
            text = torch.as_tensor(text_embeddings, dtype=torch.float32).to(self.model.device)
        sparse, dense = self.model.prompt_encoder(points, boxes_xyxy, masks_in, image=about, text=text)
        low_res, iou = self.model.mask_decoder(
            encoded.embedding, self._image_pe, sparse, dense, multimask_output
        )
        masks = self.model.postprocess_masks(low_res, encoded.input_size, encoded.original_size)
        return BatchPrediction(masks if return_logits else masks > self.model.mask_threshold, iou, low_res)

    @torch.no_grad()
    def predict_low_res(self, boxes: np.ndarray, image: int | EncodedImage = 0) -> tuple[Tensor, Tensor]:
        """The single mask of each of N boxes [N, 4] on one image: logits [N, L, L] and predicted IoUs [N], on the model's
        device. For many boxes on large photographs, whose masks are not to be drawn all at once."""
        encoded = self._image(image)
        _, boxes_xyxy, _ = self._prepare(encoded, None, None, boxes, None)
        about = ImageOfPrompts(encoded.embedding)
        sparse, dense = self.model.prompt_encoder(None, boxes_xyxy, None, image=about)
        low_res, iou = self.model.mask_decoder(encoded.embedding, self._image_pe, sparse, dense, False)
        return low_res[:, 0], iou[:, 0]

    def predict_crop(
        self,
        photograph: np.ndarray,
        box: np.ndarray,
        point_coords: np.ndarray | None = None,
        point_labels: np.ndarray | None = None,
        multimask_output: bool = True,
        return_logits: bool = False,
        scale: float = 2.0,
    ) -> CropPrediction:
        """Masks for one box, from its surroundings encoded anew: for objects too small in the whole image.

        photograph: original pixels, RGB uint8 [H, W, 3]; the crop is a square of `scale` times the box's longer
        side. Prompts as in `predict`, in the photograph's frame. Costs one run of the image encoder; the images
        that are set stay set. ValueError as `refine.crop_window`, and for points outside the crop.
        """
        size = photograph.shape[0], photograph.shape[1]
        window = crop_window(box, size, scale)
        (encoded,) = self.encode([cut(photograph, window)])
        answer = self.predict(
            None if point_coords is None else points_into(window, point_coords),
            point_labels,
            box_into(window, box),
            multimask_output=multimask_output,
            return_logits=return_logits,
            image=encoded,
        )
        return CropPrediction(
            paste(answer.masks, window, size), answer.iou_predictions, answer.low_res_masks, window
        )

    def _image(self, image: int | EncodedImage) -> EncodedImage:
        if isinstance(image, EncodedImage):
            return image
        if not self.images:
            raise RuntimeError("no image is set: call set_image first")
        return self.images[image]

    def _prepare(
        self,
        encoded: EncodedImage,
        point_coords: np.ndarray | None,
        point_labels: np.ndarray | None,
        boxes: np.ndarray | None,
        mask_inputs: np.ndarray | Tensor | None,
    ) -> tuple[tuple[Tensor, Tensor] | None, Tensor | None, Tensor | None]:
        """Checked prompts as tensors in the model's frame."""
        device, size, side = self.model.device, encoded.original_size, self.model.image_size
        points = boxes_xyxy = masks = None
        if (point_coords is None) != (point_labels is None):
            raise ValueError("point_coords and point_labels go together")
        if point_coords is not None and point_labels is not None:
            labels = np.asarray(point_labels)
            if np.shape(point_coords) != (*labels.shape, 2) or not np.isin(labels, (-1, 0, 1)).all():
                raise ValueError("points need coords [n, 2] and as many labels out of -1, 0, 1")
            coords = torch.as_tensor(scale_coords(point_coords, size, side), dtype=torch.float32)
            points = coords.to(device), torch.as_tensor(labels, dtype=torch.int64, device=device)
        if boxes is not None:
            if np.ndim(boxes) != 2 or np.shape(boxes)[1] != 4:
                raise ValueError(f"boxes must be [N, 4], not {list(np.shape(boxes))}")
            scaled = scale_boxes(boxes, size, side)
            boxes_xyxy = torch.as_tensor(scaled, dtype=torch.float32).to(device)
        if mask_inputs is not None:
            masks = torch.as_tensor(mask_inputs, dtype=torch.float32, device=device)
            expected = self.model.prompt_encoder.mask_input_size
            if masks.ndim != 4 or masks.shape[1] != 1 or tuple(masks.shape[2:]) != expected:
                raise ValueError(f"mask prompts must be [N, 1, {expected[0]}, {expected[1]}]")
        return points, boxes_xyxy, masks
