"""Handing a project's masks over in other people's formats: records in, a stream of bytes out."""
