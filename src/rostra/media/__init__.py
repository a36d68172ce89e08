"""Words that stage, delivery and broadcast share. Pure: no clock, no I/O, no codec."""
