"""Hugging Face's video folders."""
