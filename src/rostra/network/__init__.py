"""The social network: so far the accounts of those who organise."""
