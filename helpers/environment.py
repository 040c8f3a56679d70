"""Where the notebook runs, and what that means for widgets."""

import sys


def in_colab() -> bool:
    """True in Google Colab."""
    return "google.colab" in sys.modules


def runs_in_background() -> bool:
    """Can long work run in a thread while widgets stay alive?

    True in JupyterLab, Notebook and VS Code. False in Colab, which updates no widget from a
    thread after its cell has ended: there work blocks, and Colab's own interrupt stops it.
    """
    return not in_colab()
