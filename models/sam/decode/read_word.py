"""The graph of a word: what it adds to a prompt on one image, once per image and word; `graphs.ClickDecoder` takes it on.

Shape letters: D width of text embeddings, C of the model, P image cells, F features of the map of a word, E grid side.
"""

from torch import Tensor, nn

from models.sam.modeling.sam import Sam

TOKEN = "text_token"  # nosec B105 # a tensor's name
FEATURES = "text_features"


class ReadWord(nn.Module):
    """A text embedding against an image. ValueError for a model without text prompts."""

    def __init__(self, sam: Sam) -> None:
        super().__init__()
        if sam.prompt_encoder.text_prompt is None:
            raise ValueError("this model takes no text prompts")
        self.prompt = sam.prompt_encoder.text_prompt
        self.grid = sam.prompt_encoder.image_embedding_size

    @property
    def text_dim(self) -> int:
        """D."""
        return self.prompt.text_dim

    @property
    def names(self) -> tuple[str, ...]:
        """What comes out, in order."""
        return (TOKEN, FEATURES) if self.prompt.has_map else (TOKEN,)

    def forward(self, image_embeddings: Tensor, text_embedding: Tensor) -> tuple[Tensor, ...]:
        """[1, C, E, E] and [1, D] -> a token [1, C], and, of models with a map of words, its features [F, P]."""
        token_1C = self.prompt.embed(text_embedding)[0]
        if not self.prompt.has_map:
            return (token_1C,)
        relevance = self.prompt.relevance(self.prompt.compared(image_embeddings), text_embedding)
        return token_1C, self.prompt.features(relevance, self.grid)[0]
