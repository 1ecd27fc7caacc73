"""Photographs: taking them in safely, keeping original, display file and thumbnail, serving them to members.

Every coordinate of the product refers to the upright picture: EXIF orientation is applied here, once.
"""
