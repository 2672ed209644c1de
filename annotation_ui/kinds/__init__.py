"""One folder a kind of task: what is asked, how it is shown, what an answer may be."""
