"""From films to people, boxes and actions: the stages of AVA."""
