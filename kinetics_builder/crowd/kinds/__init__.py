"""One file a kind of task: where its answers lie, what they say of workers, what they decide."""
