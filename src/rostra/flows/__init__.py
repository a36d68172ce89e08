"""Acts that touch more than one domain: one transaction each, told to the bus through the outbox."""
