"""The languages of the page: catalogues of its texts, and which of them a worker reads."""
