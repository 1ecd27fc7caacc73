"""What teams do and how fast, per project and across projects. Everything shown comes from sums that are kept
(`backend.tallies`); nothing is counted on request."""
