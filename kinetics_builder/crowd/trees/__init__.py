"""Trees of questions about clips: paths through them, and where decided answers lead."""
