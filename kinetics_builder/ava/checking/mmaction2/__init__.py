"""MMAction2: what its AVADataset and its AVAMetric make of a folder."""
