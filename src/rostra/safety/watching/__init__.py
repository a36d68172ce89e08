"""Watching: machines that point people to posts. They queue, label and hold for review; they never decide."""
