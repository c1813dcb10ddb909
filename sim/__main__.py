"""``python -m sim`` is the same as ``sim``."""

from sim.cli.main import main

if __name__ == "__main__":
    main()
