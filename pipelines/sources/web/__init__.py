"""What goes over the network: yt-dlp, how it is set up, and what it may ask."""
