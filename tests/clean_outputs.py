"""What a notebook that has run must look like; used wherever one is executed, and for the stored ones."""

import json

MAX_OUTPUT_BYTES = 1_500_000


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def output_bytes(notebook) -> int:
    return sum(len(json.dumps(cell.outputs).encode()) for cell in code_cells(notebook))


def assert_clean_outputs(notebook):
    """Run in order; no error, nothing on the standard error, and nothing too large to look at on the web."""
    cells = code_cells(notebook)
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, len(cells) + 1)), "restart the kernel, run all cells, and save"
    for number, cell in enumerate(cells, 1):
        for output in cell.outputs:
            assert output.output_type != "error", f"code cell {number}: {output.ename}: {output.evalue}"
            if output.output_type == "stream":  # TensorFlow warns on the standard output of a notebook
                warns = output.name == "stderr" or "WARNING:" in output.text
                assert not warns, f"code cell {number} warns:\n{output.text}"
    size = output_bytes(notebook)
    assert size <= MAX_OUTPUT_BYTES, f"outputs take {size} bytes, allowed are {MAX_OUTPUT_BYTES}"
