"""`anymask`: what the client does, from a terminal. Answers go to stdout, all else to stderr."""
