"""Where videos come from. What goes over the network, and what guards it, is in `web`."""
