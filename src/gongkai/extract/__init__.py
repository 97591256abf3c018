"""From a document and a form to one reading for each cell, with checks and findings, and to the figures of the prose."""
