"""What workers are told of a class and how it is asked about: versions, only ever added."""
