"""Puts the apps' urls together; errors, schema and the pages that are not the API. No rules of the
product.
"""
