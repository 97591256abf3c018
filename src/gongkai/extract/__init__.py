"""A document and a form -> one reading for each cell, with checks and findings, and what the prose says."""
