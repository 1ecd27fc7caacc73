"""One file per format, one line each in `backend.export.registry`."""
