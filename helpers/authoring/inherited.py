"""A Sphinx extension: pages of classes show what they inherit from this package, not from Keras or others."""

from typing import Any


def setup(app: Any) -> dict[str, bool]:
    """Tell AutoAPI which inherited members to leave out.

    Args:
        app: the application of Sphinx.
    """
    app.connect("autoapi-skip-member", _skipped)
    return {"parallel_read_safe": True}


def _skipped(app, kind, name, member, skip, options):
    """True for a member inherited from another package; None leaves the choice to AutoAPI."""
    owner = member.obj.get("inherited_from", {}).get("full_name", "")
    return True if member.inherited and not owner.startswith("helpers.") else None
