// The chosen theme, before the first paint. Not here: the choice itself (settings.js), colours (base.css).
const theme = localStorage.getItem("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
