"""Deep Transfer Learning, Hands On: the models, data and widgets behind the notebooks.

Nothing heavy is imported here, so `import helpers` is instant.
"""
