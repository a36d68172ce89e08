"""What was said in a broadcast, as captions and as a transcript."""
