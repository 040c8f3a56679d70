"""axe-core on a page of a browser."""

from axe_playwright_python.sync_playwright import Axe


def violations(page, include, theirs=()) -> list[str]:
    """What axe finds serious or critical, with the elements; `theirs` are (rule, piece of HTML) of others."""
    found = Axe().run(page, context={"include": include}, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not any(violation["id"] == rule and piece in node["html"] for rule, piece in theirs)
    ]
