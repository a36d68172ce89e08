"""Safety: what the law and the house's terms ask for, and what follows from it."""
