"""The command line."""

from gongkai.cli.command_line import main

__all__ = ["main"]
