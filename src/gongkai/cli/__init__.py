"""The command line."""

from gongkai.cli.main import main

__all__ = ["main"]
