"""The social network: accounts, the text of what they write, and the cards of its links."""
