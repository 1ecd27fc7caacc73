"""Type a word, get masks, and be told how well the word is known."""

from dataclasses import dataclass

import numpy as np

from models.sam.errors import ModelError
from models.sam.predictor import EncodedImage, Prediction, SamPredictor
from models.sam.text.encoders import TextEncoder, checked
from models.sam.text.names import tidy_name
from models.sam.text.vocabulary import Nearness
from models.sam.text.weights import TextWeights


@dataclass(frozen=True)
class TextAnswer:
    """Three masks for a word, as `SamPredictor.predict` gives them, and the learned name that is nearest to it."""

    prediction: Prediction
    nearness: Nearness


class TextPrompter:
    """Prompts the images of a predictor with words. The predictor's model takes the text prompts on."""

    def __init__(self, predictor: SamPredictor, text: TextWeights, encoder: TextEncoder) -> None:
        """ModelError `text.other_encoder` where the prompts learned with another one, or with other weights of it;
        `text.other_model` where they are for embeddings of another width."""
        if text.encoder != encoder.name:
            raise ModelError(
                "text.other_encoder",
                f"These text prompts learned with {text.encoder}, not with {encoder.name}.",
            )
        if text.prompt.embed_dim != predictor.model.prompt_encoder.embed_dim:
            raise ModelError("text.other_model", f"These text prompts are for {text.model}.")
        self.predictor, self.text, self.encoder = predictor, text, encoder
        predictor.model.prompt_encoder.text_prompt = text.prompt.to(predictor.model.device)

    def embed(self, words: list[str]) -> np.ndarray:
        """float32 [N, D] of words as they are typed. ValueError for one without a letter."""
        return self.encoder.embed(checked([tidy_name(word) for word in words]))

    def ask(
        self,
        word: str,
        point_coords: np.ndarray | None = None,
        point_labels: np.ndarray | None = None,
        mask_input: np.ndarray | None = None,
        multimask_output: bool = True,
        image: int | EncodedImage = 0,
    ) -> TextAnswer:
        """Masks for a word, and for clicks and an earlier answer with it, as in `SamPredictor.predict`."""
        embedding = self.embed([word])
        prediction = self.predictor.predict(
            point_coords,
            point_labels,
            mask_input=mask_input,
            multimask_output=multimask_output,
            image=image,
            text_embedding=embedding[0],
        )
        return TextAnswer(prediction, self.text.vocabulary.nearest(embedding)[0])
