"""The demo project: real photographs that come inside scikit-image's wheel, so that nothing is downloaded."""
