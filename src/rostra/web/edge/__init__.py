"""The edge's own HTTP: a small server of prepared bytes."""
