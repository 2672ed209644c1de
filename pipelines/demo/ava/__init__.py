"""The demo world's people meet: films of several people whose boxes and actions are known."""
