"""What the measurements say, and advice for your own images."""
