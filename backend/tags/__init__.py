"""Words by which people sort a project's images: which there are, and which image has which.

A replica has its original's tags, so that they tell nobody what it is.
"""
