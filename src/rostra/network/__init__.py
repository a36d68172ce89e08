"""The social network: accounts, who follows whom, posts and their text, timelines, and the apps people use."""
