"""Comments pinned to a place of an image, in threads, with mentions of members.

A thread may belong to a mask. It survives that mask, and is the mask's again when that comes back.
"""
