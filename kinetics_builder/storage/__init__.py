"""Where the files lie that rows name: in the workspace, or in a bucket that many machines see."""
