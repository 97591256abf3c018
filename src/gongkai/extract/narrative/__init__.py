"""Paragraphs -> sections, the numbers in them, what they say against each other, and who published what when."""
