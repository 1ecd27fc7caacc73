"""A project published as a data set of its own, the way SA-1B was: pictures, masks, and a card that says what is in it.

Formats that other tools read are `formats` and `export`; nothing here is asked of a request but to start a job.
"""
