"""YOLO: a text file of boxes for each image."""
