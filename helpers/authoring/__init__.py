"""Tools for those who write the series: opening cells, slides, claims, typed numbers."""
