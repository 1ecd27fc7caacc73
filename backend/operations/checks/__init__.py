"""One module a check; `operations.doctor` has the list of them.

A new one is a module here with a `CHECK`, and its line in that list. A check reads through other apps' selectors and
mends through their services.
"""
