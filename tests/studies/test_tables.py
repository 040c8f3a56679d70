"""A stored table holds what its study measures now, and nothing that an earlier version left behind."""

import importlib

import pytest

from helpers.studies import board
from helpers.studies.engine import all_studies, tables


def test_the_board_has_every_cell_of_its_plan():
    rows = tables.read_results("board")[[*board.cells()[0]]]
    assert {tuple(cell.values()) for cell in board.cells()} <= {*rows.itertuples(index=False, name=None)}


@pytest.mark.parametrize("name", all_studies.names())
def test_every_row_is_a_cell_of_the_study(name):
    if not (tables.RESULTS / f"{name}.csv").is_file():
        pytest.skip("not measured yet")
    cells = importlib.import_module(f"helpers.studies.{name}").cells()
    declared = {tuple(map(str, cell.values())) for cell in cells}
    rows = tables.read_results(name)
    stored = {tuple(map(str, row)) for row in rows[[*cells[0]]].itertuples(index=False)}
    assert len(rows) == len(stored) and stored <= declared
