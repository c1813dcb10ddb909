"""``sim schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print it."""
    import json

    from sim.scenario.describe import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
