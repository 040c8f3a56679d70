"""Reading one image file: its pixels whatever its format, or the reason why it cannot be read."""
