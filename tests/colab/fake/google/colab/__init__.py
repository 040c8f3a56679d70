"""Stands in for Colab's own module: the series only looks whether it is there."""
