"""Every figure of the series; `style.py` makes them look alike, the other modules draw one topic each."""

from helpers.plots.board import earlier_layer, rule_regrets, tuning_worth
from helpers.plots.images import copies, image_sheet, tiles
from helpers.plots.strategies import (
    accuracy_by_images,
    bars,
    board_column,
    harm_or_help,
    lab_figure,
    scenario_board,
    verdict_map,
)
from helpers.plots.style import PALETTE, STYLE, NotebookFigure, figure, png

__all__ = [
    "PALETTE",
    "STYLE",
    "NotebookFigure",
    "accuracy_by_images",
    "bars",
    "board_column",
    "copies",
    "earlier_layer",
    "figure",
    "harm_or_help",
    "image_sheet",
    "lab_figure",
    "png",
    "rule_regrets",
    "scenario_board",
    "tiles",
    "tuning_worth",
    "verdict_map",
]
