"""Boxes of things, of one class, read off the image embedding that the mask decoder uses as well."""
