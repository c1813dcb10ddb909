"""What the commands do, one file a command; ``sim.cli.main`` only parses."""
