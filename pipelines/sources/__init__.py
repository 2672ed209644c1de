"""Where videos come from. The only code that meets the network is in `web`."""
