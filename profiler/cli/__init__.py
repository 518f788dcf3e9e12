"""One module a command: parse, call, print. The only place that imports typer or rich."""
