"""Pages in a browser: the seminar's room and the explorer. The only package that imports the web framework."""
