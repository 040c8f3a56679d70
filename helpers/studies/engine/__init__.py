"""The engine of every study: runs, statistics, and results tables."""
