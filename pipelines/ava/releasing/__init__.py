"""What people confirmed of films -> a folder of AVA's files to give away."""
