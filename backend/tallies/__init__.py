"""Sums that are kept as things happen, so that nobody counts five million masks to show a number.

Whoever changes what is counted adds a `TallyChange` in the same transaction: a row of its own, so that no two writers
wait for each other. A sum is its `Tally` and all changes not yet drawn into it, read by one statement, and so exact at
any moment; the sweep draws them in.
"""
