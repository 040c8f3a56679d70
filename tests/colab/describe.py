"""Prints as JSON what the widgets of this environment know: {class: [module of its view, its traits]}."""

import inspect
import json

import ipywidgets


def traits(kind) -> list[str]:
    return sorted({*kind.class_trait_names(), *inspect.signature(kind).parameters})


classes = {
    name: [kind._view_module.default_value, traits(kind)]
    for name, kind in vars(ipywidgets).items()
    if inspect.isclass(kind) and issubclass(kind, ipywidgets.Widget)
}
print(json.dumps(classes))
