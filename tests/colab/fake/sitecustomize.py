"""Colab's kernel has `google.colab` loaded before a reader's first cell runs."""

import google.colab  # noqa: F401
