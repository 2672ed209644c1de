"""Learning and judging which actions whole videos show: several at a time, as in Charades."""
