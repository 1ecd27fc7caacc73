"""One module per place the system runs in; all start from `base`."""
