/* Sets the remembered colours before anything is drawn. */
const rememberedTheme = localStorage.getItem("playground-theme");
if (rememberedTheme === "light" || rememberedTheme === "dark") document.documentElement.dataset.theme = rememberedTheme;
