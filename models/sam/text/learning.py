"""Teaching a frozen model to take words: only the text prompt learns, and the image side that a sentence encoder lacks.

Two stages on the same clock. Names first: which cells, and which masks' looks, belong to which word; without the decoder,
which costs most of a step. Then masks: words through the frozen decoder, as the paper trains it with CLIP (7.5,
D.5): most prompts are what an object looks like on the image side, the others its name; the loss is that of the first
click, sometimes with one corrective click. A word does not say which of several things is meant: the one that the
answer is nearest to counts (`losses.nearest_targets`). Some words are for nothing on the view, and learn to answer
with nothing.

Shape letters: B views, N prompts, C channels, D text width, E L sides of embedding and masks.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.text.batches import Word, WordSampler
from models.sam.text.examples import NamedView
from models.sam.text.image_side import MaskToText, features_of
from models.sam.text.losses import (
    absent_loss,
    cell_loss,
    coverage,
    map_loss,
    nearest_targets,
    present_loss,
    silence_loss,
)
from models.sam.training.losses import LossWeights, interactive_loss, mask_iou
from models.sam.training.prompts import correction_points


@dataclass(frozen=True)
class TextLearningConfig:
    """`naming`: share of the run before the decoder is asked. `shown`: of the words that are there, how many are
    prompted by their image side, the paper's way. `absent`: of the views, how many get a word for nothing on them.
    `clicked`: of the steps, how many go on with one corrective click."""

    naming: float = 0.4
    naming_views: int = 8
    views: int = 4
    words: int = 2
    shown: float = 0.6
    absent: float = 0.5
    clicked: float = 0.5
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_steps: int = 50
    clip: float = 1.0
    seed: int = 0
    losses: LossWeights = field(default_factory=lambda: LossWeights(iou_on_all=True))


class TextObjective(nn.Module):
    """What learns, and its losses. The model is not one of its parts: it is frozen, and saved by nobody here."""

    def __init__(
        self, model: Sam, prompt: TextPrompt, image_side: MaskToText | None, config: TextLearningConfig
    ) -> None:
        super().__init__()
        self.prompt, self.image_side, self.config = prompt, image_side, config
        self._frozen = (model.eval().requires_grad_(False),)
        model.prompt_encoder.text_prompt = prompt
        prompt.requires_grad_(True).train()

    @property
    def model(self) -> Sam:
        """The frozen model, which has taken the text prompt on."""
        return self._frozen[0]

    @property
    def device(self) -> torch.device:
        return self.model.device

    def naming(self, step: int, sampler: WordSampler) -> tuple[Tensor, dict[str, float]]:
        """The loss of a step of the first stage, and its parts for the log."""
        rng = np.random.default_rng((self.config.seed, step))
        views = [sampler.draw_view(rng)[0] for _ in range(self.config.naming_views)]
        return self._naming_of(views, sampler)

    def _naming_of(self, views: list[NamedView], sampler: WordSampler) -> tuple[Tensor, dict[str, float]]:
        names_VD = torch.from_numpy(sampler.vocabulary.embeddings).to(self.device)
        terms: dict[str, list[Tensor]] = {}
        if self.image_side is not None:
            features = torch.cat([features_of(view.embedding, view.masks) for view in views]).to(self.device)
            numbers = torch.tensor([number for view in views for number in sampler.numbers(view)])
            looks = self.image_side.naming_loss(features, numbers.to(self.device), names_VD)
            terms["looks"] = [looks]
        if self.prompt.has_map:
            embeddings = torch.stack([view.embedding for view in views]).to(self.device, torch.float32)
            compared_BKhw = self.prompt.compared(embeddings)
            for row, view in enumerate(views):
                relevance = self.prompt.relevance(compared_BKhw[row : row + 1], names_VD)
                present, covered = coverage(view.masks, sampler.numbers(view), relevance.shape[-1])
                covered = covered.to(self.device)
                terms.setdefault("cells", []).append(cell_loss(relevance, present, covered))
                terms.setdefault("maps", []).append(map_loss(relevance[present], covered))
                is_absent = torch.from_numpy(sampler.is_apart[present].all(axis=0)).to(self.device)
                terms.setdefault("silence", []).append(silence_loss(relevance, is_absent))
        means = {name: torch.stack(values).mean() for name, values in terms.items()}
        if not means:
            raise ValueError("nothing learns names here: neither a map nor an image side")
        loss = torch.stack(list(means.values())).sum()
        return loss, {name: float(value.detach()) for name, value in means.items()}

    def masks(self, step: int, sampler: WordSampler) -> tuple[Tensor, dict[str, float]]:
        """The loss of a step of the second stage, and its parts for the log. Names are learned beside it."""
        config = self.config
        rng = np.random.default_rng((config.seed, step))
        views: list[NamedView] = []
        words: list[Word] = []
        for index in range(config.views):
            view, name = sampler.draw_view(rng)
            views.append(view)
            words += sampler.words(view, index, name, config.words, config.shown, rng)
            if rng.random() < config.absent and (nothing := sampler.absent(view, index, rng)):
                words.append(nothing)
        loss, numbers = self._decoded(views, words, sampler, rng, step)
        if self.prompt.has_map or self.image_side is not None:
            named, parts = self._naming_of(views, sampler)
            loss, numbers = loss + named, numbers | parts
        return loss, numbers

    def _decoded(
        self,
        views: list[NamedView],
        words: list[Word],
        sampler: WordSampler,
        rng: np.random.Generator,
        step: int,
    ) -> tuple[Tensor, dict[str, float]]:
        text_ND = self._prompts(views, words, sampler)
        embeddings = torch.stack([view.embedding for view in views]).to(self.device, torch.float32)
        index = torch.tensor([word.view for word in words], device=self.device)
        image = ImageOfPrompts(embeddings, index)
        masks, iou = self._predict(image, text_ND, None, None)
        is_there = torch.tensor([len(word.masks) > 0 for word in words], device=self.device)
        there = [word.masks.to(self.device) for word in words if len(word.masks)]
        chosen = nearest_targets(masks[is_there, 1:], there)
        target = torch.stack([known[i] for known, i in zip(there, chosen.tolist(), strict=True)]).float()
        losses = self.config.losses
        right = present_loss(masks[is_there, 1:], iou[is_there, 1:], target, losses) / len(there)
        loss = right
        top = iou[is_there, 1:].detach().argmax(dim=1)
        rows = torch.arange(len(there), device=self.device)
        answered = masks[is_there, 1:][rows, top].detach()
        numbers = {"right": float(right.detach()), "iou": float(mask_iou(answered[:, None], target).mean())}
        if len(there) < len(words):
            wrong = absent_loss(masks[~is_there, 1:], iou[~is_there, 1:], losses) / (len(words) - len(there))
            loss = loss + wrong
            numbers["absent"] = float(wrong.detach())
        if rng.random() < self.config.clicked:
            clicked = self._clicked(image, text_ND[is_there], index[is_there], answered, target, step)
            loss = loss + clicked
            numbers["clicked"] = float(clicked.detach())
        return loss, numbers

    def _clicked(
        self, image: ImageOfPrompts, text: Tensor, index: Tensor, answered: Tensor, target: Tensor, step: int
    ) -> Tensor:
        """The loss of the single mask after one corrective click on the top-ranked answer [n, L, L]."""
        generator = torch.Generator(self.device).manual_seed(step)
        points, labels = correction_points(answered, target, self.model.image_size, generator)
        about = ImageOfPrompts(image.embeddings, index)
        masks, iou = self._predict(about, text, (points, labels), answered[:, None])
        return interactive_loss(masks[:, :1], iou[:, :1], target, self.config.losses).total / len(target)

    def _predict(
        self,
        image: ImageOfPrompts,
        text: Tensor,
        points: tuple[Tensor, Tensor] | None,
        previous: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """All masks [N, M, L, L] and predicted IoUs [N, M] of words, clicks and earlier answers."""
        encoder = self.model.prompt_encoder
        sparse, dense = encoder(points, None, previous, image=image, text=text)
        masks, iou = self.model.mask_decoder.predict_masks(
            image.embeddings, encoder.get_dense_pe(), sparse, dense, image.index
        )
        return masks, iou

    def _prompts(self, views: list[NamedView], words: list[Word], sampler: WordSampler) -> Tensor:
        """The embeddings [N, D] that the words are asked by: the image side's of what they are shown by, or their
        names'."""
        rows = [torch.from_numpy(sampler.vocabulary.embeddings[word.name]) for word in words]
        for number, word in enumerate(words):
            if word.shown is not None:
                rows[number] = self._shown(views[word.view], word.shown).cpu()
        return torch.stack(rows).to(self.device)

    @torch.no_grad()
    def _shown(self, view: NamedView, row: int) -> Tensor:
        if view.shown is not None:
            return view.shown[row].float()
        if self.image_side is None:
            raise ValueError("the views were made without an image side, and there is none to learn")
        features = features_of(view.embedding, view.masks[row : row + 1]).to(self.device)
        shown: Tensor = self.image_side(features)[0]
        return shown
