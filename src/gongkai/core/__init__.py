"""What all other packages use: the data model, errors, text and numbers, messages, the tables' schema, files."""
