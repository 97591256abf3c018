"""The indicator lists of 2014 to 2018, which name their own rows and columns."""
