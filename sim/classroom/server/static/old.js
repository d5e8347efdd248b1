// Only browsers that know no modules run this: then nothing else on the page runs, and it says so.
document.documentElement.className += " too-old";
