"""Image sets: drawn, downloaded, or read from folders; checks, splits, copies."""
