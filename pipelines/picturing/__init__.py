"""Pictures that a frame classifier learns from: of judged clips, of image searches, of sites."""
