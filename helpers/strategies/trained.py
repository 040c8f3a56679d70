"""Strategies that train a network epoch by epoch: fine-tuning in three ways, and training from scratch.

They take raw pixels: the preprocessing is inside the model.
"""

from collections.abc import Sequence

from helpers.networks.backbones import Backbone, fresh, mini_vgg
from helpers.networks.batchnorm import adapt_batchnorm
from helpers.networks.heads import classifier, set_trainable_blocks, set_trainable_from
from helpers.networks.rates import Rates
from helpers.strategies.base import SHAPES
from helpers.strategies.frozen import LinearProbe, dense_weights
from helpers.strategies.trained_network import TrainedNetwork


class FineTuned(TrainedNetwork):
    """A new head on a pre-trained backbone, with a learning rate for each.

    Args:
        backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm: as for `FineTune`.

    Example:
        >>> issubclass(FineTune, FineTuned)
        True
    """

    def __init__(
        self,
        backbone: Backbone,
        base_lr: float | None,
        head_lr: float | None,
        epochs: int | None,
        batch_size: int,
        seed: int,
        batchnorm: str,
    ) -> None:
        super().__init__(epochs, batch_size, seed)
        self.backbone = backbone
        self.base_lr = base_lr
        self.head_lr = head_lr
        self.batchnorm = batchnorm

    def _rates(self):
        known = self.backbone.rates
        return Rates(
            known.head if self.head_lr is None else self.head_lr,
            known.backbone if self.base_lr is None else self.base_lr,
        )

    def _on_backbone(self, X, from_block, blocks=None):
        """A classifier whose backbone trains from a block on, or in some blocks only."""
        base, learn = fresh(self.backbone), self.batchnorm == "learn"
        if blocks is None:
            set_trainable_from(base, from_block, batchnorm=learn)
        else:
            set_trainable_blocks(base, blocks, batchnorm=learn)
        if self.batchnorm == "adapt":
            adapt_batchnorm(base, X)
        return classifier(base, len(self.classes_), seed=self.seed)


class FineTune(FineTuned):
    """Train a new head and the last blocks of the backbone together.

    The backbone has a smaller learning rate than the head, so that good features are not destroyed before the
    head has learned (the lecture's advice). Source: Yosinski et al. 2014, "How transferable are features in
    deep neural networks?"; of `blocks`: Lee et al. 2023, "Surgical fine-tuning improves adaptation to
    distribution shifts".

    Args:
        backbone: a `helpers.networks.backbones.Backbone`.
        from_block: first block that trains, such as "block4"; "last" is the last quarter of the
            blocks, "all" is all of them, None is none (only the head trains).
        base_lr: learning rate of the backbone. None is the one that suits this backbone
            (`Backbone.rates`): measured for shapes, MobileNet and VGG16; photos has the rate of shapes,
            and any other network a cautious one.
            For another backbone, `helpers.strategies.find_rates` suggests rates.
        head_lr: learning rate of the head; None as for base_lr.
        epochs: passes over the images; None is as many as give about 120 steps, at least 8.
        batch_size: images per step.
        seed: of the head's weights and of the order of the images.
        blocks: names of the blocks that train, such as ("block1",), instead of `from_block`. Blocks before
            and after them stay frozen.
        batchnorm: what BatchNorm does. "keep" leaves it the statistics of the source. "adapt" replaces them,
            before training, by those of the training images (AdaBN, which uses no labels; Li et al. 2017).
            "learn" also trains it in the blocks that train.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 10, 5, 0)
        >>> tuned = FineTune(from_block="block4", epochs=2).fit(data.X_train, data.y_train)
        >>> len(tuned.history_["loss"]), tuned.predict_proba(data.X_validation).shape
        (2, (50, 10))
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        from_block: str | None = "last",
        base_lr: float | None = None,
        head_lr: float | None = None,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        blocks: Sequence[str] | None = None,
        batchnorm: str = "keep",
    ) -> None:
        super().__init__(backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm)
        self.from_block = from_block
        self.blocks = blocks

    def _network(self, X, y):
        return self._on_backbone(X, self.from_block, self.blocks)


class FullFineTune(FineTuned):
    """Fine-tune the whole network (large data; the lecture's scenarios 2 and 4).

    Source: Girshick et al. 2014, "Rich feature hierarchies".

    Args:
        backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm: as for `FineTune`.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 10, 5, 0)
        >>> FullFineTune(epochs=1).fit(data.X_train, data.y_train).trainable_parameters_
        462954
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        base_lr: float | None = None,
        head_lr: float | None = None,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        batchnorm: str = "keep",
    ) -> None:
        super().__init__(backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm)

    def _network(self, X, y):
        return self._on_backbone(X, "all")


class ProbeThenFineTune(FineTuned):
    """LP-FT: take a linear probe as the first head, then fine-tune gently.

    Source: Kumar et al. 2022, "Fine-tuning can distort pretrained features".

    Args:
        backbone, from_block, base_lr, epochs, batch_size, seed, blocks, batchnorm: as for `FineTune`.
        head_lr: learning rate of the head; None is that of the backbone, because a head that starts from
            the probe needs no larger steps.
        C: inverse strength of the probe's regularisation.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("new_shapes", 10, 5, 0)
        >>> tuned = ProbeThenFineTune(epochs=1).fit(data.X_train, data.y_train)
        >>> tuned.score(data.X_validation, data.y_validation) > 0.5
        True
    """

    def __init__(
        self,
        backbone: Backbone = SHAPES,
        from_block: str | None = "all",
        base_lr: float | None = None,
        head_lr: float | None = None,
        epochs: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        C: float = 0.1,
        blocks: Sequence[str] | None = None,
        batchnorm: str = "keep",
    ) -> None:
        super().__init__(backbone, base_lr, head_lr, epochs, batch_size, seed, batchnorm)
        self.from_block = from_block
        self.C = C
        self.blocks = blocks

    def _network(self, X, y):
        model = self._on_backbone(X, self.from_block, self.blocks)
        statistics = "adapt" if self.batchnorm == "adapt" else "keep"  # training has not begun
        probe = LinearProbe(self.backbone, C=self.C, batchnorm=statistics).fit(X, y)
        model.get_layer("head").set_weights(dense_weights(*probe.model_[1:]))
        return model

    def _rates(self):
        rates = super()._rates()
        return rates._replace(head=rates.backbone) if self.head_lr is None else rates


class FromScratch(TrainedNetwork):
    """Train the same MiniVGG from random weights: what the target data alone can teach.

    Source: He et al. 2018, "Rethinking ImageNet pre-training".

    Args:
        lr: learning rate of all layers. BatchNorm uses the statistics of the target.
        epochs, batch_size, seed: as for `FineTune`; the seed is also that of all weights.

    Example:
        >>> from helpers.data.image_sets import builtin
        >>> data = builtin("streets_day", 20, 10, 0)
        >>> seen = []
        >>> network = FromScratch(epochs=2).fit(
        ...     data.X_train, data.y_train, on_epoch=lambda epoch, logs: seen.append(epoch)
        ... )
        >>> seen, network.decision_function(data.X_validation).shape
        ([0, 1], (20,))
    """

    def __init__(
        self, lr: float = 2e-3, epochs: int | None = None, batch_size: int = 32, seed: int = 0
    ) -> None:
        super().__init__(epochs, batch_size, seed)
        self.lr = lr

    def _network(self, X, y):
        return classifier(mini_vgg(self.seed), len(self.classes_), seed=self.seed)

    def _rates(self):
        return Rates(self.lr, self.lr)
