"""``sim schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print it, in the language in which the program speaks."""
    import json

    from sim.locale.language import spoken
    from sim.scenario.describe import json_schema

    typer.echo(json.dumps(json_schema(spoken()), indent=2, ensure_ascii=False))
