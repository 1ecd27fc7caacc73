"""How good the annotators' masks are: the same image labelled blind by several people, and images whose truth is known.

Both are done with replicas (`images.Image.original`): images of their own for one person each, so that whatever works on
images works on them. Who sees which is not decided here but in `images.visibility`.
"""
