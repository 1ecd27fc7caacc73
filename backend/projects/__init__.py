"""Projects: members, labels, the model a project works with, its figures."""
