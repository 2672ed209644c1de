"""How each class and each query has fared: from what was listed to what people accepted."""
