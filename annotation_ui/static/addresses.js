// Where the page's own addresses begin: at its token, for a session in a platform's frame.
"use strict";

const address = (path) => document.documentElement.dataset.root + path;
