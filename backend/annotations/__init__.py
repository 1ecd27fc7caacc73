"""Masks people accepted or fixed. The RLE is the truth; box and area are counted from it, never believed."""
