"""The demo project: real photographs that come with scikit-image, nothing to download."""
