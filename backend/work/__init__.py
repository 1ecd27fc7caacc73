"""The work on images: how far each one is, whose it is, who gets the next one, and what a reviewer said of it.

One row per image (`WorkItem`). Statuses change in one place, `statuses`; whoever writes masks goes through `gate` first.
"""
