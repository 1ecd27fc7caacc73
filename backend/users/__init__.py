"""People: the user model, logging in and out, passwords, tokens for scripts."""
