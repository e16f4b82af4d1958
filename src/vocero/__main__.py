"""``python -m vocero``: the command ``vocero``."""

from vocero.cli import main

if __name__ == "__main__":
    main()
