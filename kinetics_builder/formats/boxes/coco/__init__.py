"""COCO: detections on images, as most detectors read and write them."""
