"""Set-up and process supervision behind `make run` and `make test`.

Standard library only: this room runs before anything is installed. It is not for Django code; it
calls `manage.py`.
"""
