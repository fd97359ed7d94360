/** The keyboard: everything that a mouse can do. */

import { h } from "./dom.js";

/** @typedef {import("./app.js").App} App */

const KEYS = [
    ["j k  ↓ ↑", "next, previous step"],
    ["PgDn PgUp", "ten steps"],
    ["Home End", "first, last step"],
    ["v", "the step where the story turns"],
    ["/", "find"],
    ["n N", "next, previous step found"],
    ["1 2 3 4", "state, could happen, properties, watch"],
    ["d", "changes, varying or all variables"],
    ["c", "causes of the chosen step only"],
    ["g", "regroup needless interleaving"],
    ["m", "show or hide members"],
    ["w", "watch an expression"],
    ["?", "this help"],
    ["Esc", "close, leave a field"],
];

export function helpDialog() {
    return /** @type {HTMLDialogElement} */ (
        h(
            "dialog",
            { class: "help", "aria-label": "keys" },
            h("h2", {}, "Keys"),
            h(
                "table",
                {},
                h(
                    "tbody",
                    {},
                    KEYS.map(([key, what]) =>
                        h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, what)),
                    ),
                ),
            ),
            h(
                "p",
                { class: "quiet" },
                "Hover over a value to see which step set it; a double click goes there. The address of this page says what is chosen: copy it to show somebody the same.",
            ),
            h("form", { method: "dialog" }, h("button", {}, "close")),
        )
    );
}

const SHOWN = /** @type {const} */ (["changes", "varying", "all"]);

/** @param {KeyboardEvent} event @param {App} app */
export function onKey(event, app) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.tagName === "INPUT") {
        if (event.key === "Escape") target.blur();
        if (event.key === "Enter" && target.classList.contains("find")) app.seek(event.shiftKey ? -1 : 1);
        return;
    }
    if (app.help.open) return;
    const inTabs = target.getAttribute("role") === "tab";
    if (inTabs && (event.key === "ArrowRight" || event.key === "ArrowLeft"))
        return turnTab(event, app, target);
    const act = action(event.key, app, target);
    if (!act) return;
    event.preventDefault();
    act();
}

/** @param {KeyboardEvent} event @param {App} app @param {HTMLElement} target */
function turnTab(event, app, target) {
    const all = [...app.tabs.querySelectorAll("[role=tab]")];
    const next = all[(all.indexOf(target) + (event.key === "ArrowRight" ? 1 : all.length - 1)) % all.length];
    /** @type {HTMLElement} */ (next).click();
    /** @type {HTMLElement | null} */ (app.tabs.querySelector("[aria-selected=true]"))?.focus();
}

/** @param {string} key @param {App} app @param {HTMLElement} target @returns {(() => void) | undefined} */
function action(key, app, target) {
    const { store } = app;
    const inPanel = app.panel.contains(target);
    const step = store.chosen.step;
    switch (key) {
        case "j":
            return () => app.move(1);
        case "k":
            return () => app.move(-1);
        case "ArrowDown":
            return inPanel ? undefined : () => app.move(1);
        case "ArrowUp":
            return inPanel ? undefined : () => app.move(-1);
        case "PageDown":
            return inPanel ? undefined : () => store.set({ step: step + 10 });
        case "PageUp":
            return inPanel ? undefined : () => store.set({ step: step - 10 });
        case "Home":
            return () => store.set({ step: 0 });
        case "End":
            return () => store.set({ step: store.most });
        case "v":
            return () => store.set({ step: app.start_step });
        case "n":
            return () => app.seek(1);
        case "N":
            return () => app.seek(-1);
        case "1":
            return () => store.set({ tab: "state" });
        case "2":
            return () => store.set({ tab: "choices" });
        case "3":
            return () => store.set({ tab: "facts" });
        case "4":
            return () => store.set({ tab: "watch" });
        case "c":
            return () => store.set({ causes: !store.chosen.causes });
        case "g":
            return () => store.set({ regroup: !store.chosen.regroup });
        case "d":
            return () => store.set({ show: SHOWN[(SHOWN.indexOf(store.chosen.show) + 1) % 3] });
        case "m":
            return () =>
                store.set({
                    folded: store.chosen.folded
                        ? ""
                        : app.run.bundle.scene.lanes.map((lane) => lane.name).join(","),
                });
        case "w":
            return () => {
                store.set({ tab: "watch" });
                /** @type {HTMLElement | null} */ (app.panel.querySelector(".watch-input"))?.focus();
            };
        case "/":
            return () => /** @type {HTMLElement | null} */ (app.root.querySelector(".find"))?.focus();
        case "?":
            return () => app.help.showModal();
        default:
            return undefined;
    }
}
