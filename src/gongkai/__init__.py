"""Chinese local governments' annual information-disclosure reports as tidy data."""

__version__ = "0.1.0"
