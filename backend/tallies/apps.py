from django.apps import AppConfig


class TalliesConfig(AppConfig):
    name = "backend.tallies"
    label = "tallies"
