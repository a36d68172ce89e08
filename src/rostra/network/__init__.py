"""The social network: accounts, and the text of what they write."""
