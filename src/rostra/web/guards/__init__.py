"""What stands before each handler: who is asking, and whether the browser was asked by one of our own pages."""
