"""What the files and folders of an image set are, by their names: splits, classes, groups, clutter."""
