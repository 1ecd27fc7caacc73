"""Object proposals: how many of the things on a photograph automatic masks find (SAM paper, section 7.3)."""
