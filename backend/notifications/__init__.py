"""What people are told in the app: that they were mentioned, answered, or that their work was judged."""
