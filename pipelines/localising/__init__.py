"""When actions happen in long videos: learnt from annotations, and found in others."""
