"""Tools for the authors of the series: opening cells, slides, and numbers in prose."""
