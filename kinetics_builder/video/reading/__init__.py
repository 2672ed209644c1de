"""Reading video files: opening, when each picture is shown, what is missing, decoding."""
