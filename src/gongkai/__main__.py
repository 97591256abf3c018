"""``python -m gongkai``: the command line without its script."""

import sys

from gongkai.cli import main

if __name__ == "__main__":
    sys.exit(main())
