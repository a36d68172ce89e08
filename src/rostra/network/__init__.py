"""The social network: accounts, who follows whom, posts, their text and the cards of its links, timelines, and apps."""
