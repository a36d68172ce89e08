"""Pages of the site: HTML that is complete without a script."""
