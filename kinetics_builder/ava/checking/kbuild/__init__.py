"""The rules of `kbuild` itself: what it trains on and measures with."""
