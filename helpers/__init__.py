"""Deep Transfer Learning, Hands On: the models, data and widgets behind the notebooks.

Nothing heavy is imported here, so `import helpers` is instant.
"""

__version__ = "0.9.0"  # CHANGELOG.md says what is new; CITATION.cff has the same
