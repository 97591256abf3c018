"""Data into studies: a county through its years, counties beside each other, their figures and pages, in batch."""
