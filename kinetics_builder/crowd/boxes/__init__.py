"""What people's boxes of persons mean: how several become one answer, and how gold judges one."""
