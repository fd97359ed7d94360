/** Light or dark: as the system says, until the reader chooses. */

import { h } from "./dom.js";

const NEXT = /** @type {Record<string, string>} */ ({ auto: "light", light: "dark", dark: "auto" });

export function themeButton() {
    const button = h("button", { class: "theme", "aria-label": "theme" }, "");
    const show = (/** @type {string} */ theme) => {
        if (theme === "auto") document.documentElement.removeAttribute("data-theme");
        else document.documentElement.setAttribute("data-theme", theme);
        button.textContent = { auto: "◐", light: "☀", dark: "☾" }[theme] ?? "◐";
        button.title = `theme: ${theme}`;
        button.dataset.theme = theme;
    };
    button.addEventListener("click", () => show(NEXT[button.dataset.theme ?? "auto"]));
    show(document.documentElement.dataset.theme ?? "auto");
    return button;
}
