"""People: the user model, logging in and out, tokens."""
