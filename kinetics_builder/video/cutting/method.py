"""Which clips equal settings give: known without what cuts them."""

METHOD = 2
"""Counted up when equal settings would no longer give the clips that they gave before: which
frames, which times, which sound. Clips of an older method are cut anew. How finely sound is
coded is not among it: below 24 kHz, clips made before hold the same sound in more bytes."""
