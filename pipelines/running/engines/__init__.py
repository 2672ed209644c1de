"""Where the items of a stage are worked on: in this process, in its children, on a Ray cluster."""
