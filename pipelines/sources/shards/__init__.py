"""Videos in the shards that WebDataset writes, on this machine or in a store."""
