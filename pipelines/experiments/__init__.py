"""Questions of the papers, asked of any releases: grids of trainings, and what they say."""
