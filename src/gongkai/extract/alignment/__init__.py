"""Rows of numbers -> rows of the form."""
