"""Long work in the background: rows that say what is to be done, claimed with a lease, so that a killed process loses
nothing. Apps further right register their kinds (`registry`); this one knows none."""
