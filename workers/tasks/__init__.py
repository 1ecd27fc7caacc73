"""One module per noun; tasks are thin: look at the table, compute, hand the outcome to a service."""
