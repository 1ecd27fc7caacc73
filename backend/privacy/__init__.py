"""Faces and licence plates, made unrecognisable before anybody sees a picture: what a project wants, who finds them, how
they are blurred. Pixels in, pixels and regions out; files are the business of `images`, which calls this at every intake.
"""
