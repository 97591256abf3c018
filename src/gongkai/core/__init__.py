"""What every room speaks: the model, errors, text and numbers, messages, the tables' schema, files."""
