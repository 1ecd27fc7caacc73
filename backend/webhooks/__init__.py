"""Webhooks: other programs are told what happens in a project, by signed requests to addresses its managers name."""
