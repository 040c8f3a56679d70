"""After the lecture: fine-tune one block only, or a few weights of every block."""

from helpers.networks import few_parameters
from helpers.networks.backbones import Backbone, check_backbone, fresh
from helpers.networks.backend import keras
from helpers.networks.batchnorm import adapt_batchnorm
from helpers.networks.heads import classifier
from helpers.strategies.base import SHAPES
from helpers.strategies.trained import FineTuned


class SurgicalFineTune(FineTuned):
    """Train a new head and one block of the backbone; blocks before and after it stay frozen.

    If the images of source and target differ in a way that the eye sees first (light, noise, colours), the
    first block may be the one to tune. `FineTune(blocks=...)` does the same with any blocks. Source: Lee et
    al. 2023, "Surgical fine-tuning improves adaptation to distribution shifts".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        block: name of the block that trains, such as "block2"; "first" is the first one, with what comes
            before it, and "last" the last one.
        base_lr, head_lr, epochs, batch_size, seed, batchnorm: as for `helpers.strategies.FineTune`.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 10, 5, 0)
        >>> tuned = SurgicalFineTune(epochs=1).fit(data.X_train, data.y_train)
        >>> tuned.trainable_parameters_  # block1, which is small, and the head
        11370
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        block: str = "first",
        base_lr: float | None = None,
        head_lr: float | None = None,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        batchnorm: str = "keep",
    ) -> None:
        super().__init__(backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm)
        self.block = block

    def _network(self, X, y):
        known = check_backbone(self.backbone).blocks
        if not known:
            raise ValueError(
                f"The layers of {self.backbone.name!r} have no block numbers, so no block can be tuned "
                "alone. Use FullFineTune."
            )
        named = {"first": known[0], "last": known[-1]}
        return self._on_backbone(X, None, [named.get(self.block, self.block)])


class FewParameters(FineTuned):
    """Train a new head, and only a few weights of the backbone (parameter-efficient fine-tuning).

    Sources: Ben Zaken et al. 2022, "BitFit" (biases); Frankle et al. 2021, "Training BatchNorm and only
    BatchNorm"; Hu et al. 2022, "LoRA: Low-rank adaptation of large language models".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        which: the weights that train: "biases"; "BatchNorm", its scales and offsets; or "LoRA", an update of
            rank 4 of each convolution.
        base_lr: learning rate of these weights. Few weights need larger steps than all: in the study
            `few_parameters`, validation chose this default most often for LoRA. For biases and BatchNorm it
            chose 3e-2 on a target that differs from the source, and 1e-4 on a similar one: try both.
        head_lr, epochs, batch_size, seed: as for `helpers.strategies.FineTune`.
        batchnorm: "keep" leaves BatchNorm the statistics of the source; "adapt" replaces them before training
            by those of the training images. "learn" lets those of BatchNorm layers whose weights train follow
            the training; LoRA trains none.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 10, 5, 0)
        >>> FewParameters(epochs=1).fit(data.X_train, data.y_train).trainable_parameters_
        1930
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        which: str = "biases",
        base_lr: float = 3e-3,
        head_lr: float | None = None,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        batchnorm: str = "keep",
    ) -> None:
        super().__init__(backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm)
        self.which = which

    def check_arguments(self) -> None:
        """Check the arguments of the constructor; LoRA trains no BatchNorm layer."""
        super().check_arguments()
        if self.which == "LoRA" and self.batchnorm == "learn":
            raise ValueError(
                "LoRA trains no BatchNorm layer, so batchnorm must be 'keep' or 'adapt', not 'learn'."
            )

    def _network(self, X, y):
        base = fresh(self.backbone)
        has_batchnorm = any(isinstance(layer, keras.layers.BatchNormalization) for layer in base.layers)
        if not has_batchnorm and (self.which == "BatchNorm" or self.batchnorm == "learn"):
            raise ValueError(
                f"{self.backbone.name!r} has no BatchNorm to train. Use which='biases' or 'LoRA', and "
                "batchnorm='keep'."
            )
        if self.batchnorm == "adapt":
            adapt_batchnorm(base, X)
        model = classifier(base, len(self.classes_), seed=self.seed)
        if self.which == "LoRA":
            return few_parameters.train_lora(model, seed=self.seed)
        train = {"biases": few_parameters.train_biases, "BatchNorm": few_parameters.train_batchnorm}
        return train[self.which](model, "learn" if self.batchnorm == "learn" else "keep")
