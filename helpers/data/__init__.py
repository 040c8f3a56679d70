"""Image sets: generated, downloaded, or read from folders; checks, splits and duplicates."""
