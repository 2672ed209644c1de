"""Whole videos that people marked: what they agree on, dealt out to splits and given away."""
