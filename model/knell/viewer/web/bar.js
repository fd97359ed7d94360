/** The bar at the top: what is shown, finding, the ways to look at it, and the ways out. */

import { download, h } from "./dom.js";
import { markdown, mermaid, picture, plantuml } from "./exports.js";
import { arrange } from "./order.js";
import { hits } from "./search.js";
import { themeButton } from "./theme.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./run.js").Run} Run */

/** @param {App} app */
export function topBar(app) {
    const { run, options, store } = app;
    return h(
        "header",
        { class: "bar" },
        options.back
            ? h("button", { class: "back", onclick: options.back }, "← report")
            : h("span", { class: "brand" }, "knell"),
        h("span", { class: "which" }, which(run, app.other)),
        h("span", { class: "stretch" }),
        finding(app),
        toggle(app, "causes", "dim what the chosen step does not build on (c)"),
        toggle(app, "regroup", "put together what each lane does, as far as the order matters to nobody (g)"),
        regrouping(app),
        run.bundle.scene.lanes.length > 1 ? lanesMenu(app) : null,
        exportMenu(run, () => store.chosen.folded),
        themeButton(),
        h(
            "button",
            { title: "keys (?)", "aria-label": "keyboard help", onclick: () => app.help.showModal() },
            "?",
        ),
        h(
            "span",
            { class: "steps" },
            h(
                "button",
                { "aria-label": "previous step", title: "previous step (k)", onclick: () => app.move(-1) },
                "↑",
            ),
            app.counter,
            h(
                "button",
                { "aria-label": "next step", title: "next step (j)", onclick: () => app.move(1) },
                "↓",
            ),
        ),
    );
}

/** @param {Run} run @param {Run | null} other */
function which(run, other) {
    return [
        run.meta.model ? h("span", { class: "model", title: settingsOf(run) }, run.meta.model) : null,
        variant(run),
        other ? [h("span", { class: "quiet" }, "against"), variant(other)] : null,
        h(
            "span",
            { class: "file" },
            other ? `${run.bundle.name} against ${other.bundle.name}` : run.bundle.name,
        ),
    ];
}

/** @param {Run} run */
function settingsOf(run) {
    return Object.entries(run.meta.config ?? {})
        .map(([name, value]) => `${name} = ${value}`)
        .join("\n");
}

/** The configuration of a run, and its mutant. @param {Run} run */
function variant(run) {
    const { extras, meta } = run;
    return [
        extras?.config ? h("span", { class: "config", title: settingsOf(run) }, extras.config) : null,
        meta.mutant ? h("span", { class: "mutant", title: extras?.mutant ?? "" }, `mutant ${meta.mutant}`) : null,
    ];
}

/** @param {App} app */
function finding({ run, store }) {
    const found = h("span", { class: "found", role: "status" });
    const input = /** @type {HTMLInputElement} */ (
        h("input", { type: "search", class: "find", placeholder: "find  /", "aria-label": "find steps" })
    );
    input.addEventListener("input", () => store.set({ query: input.value }));
    store.listen(({ query }, before) => {
        if (input.value !== query) input.value = query;
        if (query === before.query) return;
        const count = query ? steps(run).filter((step) => hits(run, step, query)).length : 0;
        found.textContent = query ? (count === 1 ? "1 step" : `${count} steps`) : "";
    });
    return [found, input];
}

/** @param {Run} run */
function steps(run) {
    return Array.from({ length: run.steps + 1 }, (_, step) => step);
}

/** @param {App} app @param {"causes" | "regroup"} name @param {string} title */
function toggle({ store }, name, title) {
    const button = h(
        "button",
        {
            class: "toggle",
            title,
            "aria-pressed": "false",
            onclick: () => store.set({ [name]: !store.chosen[name] }),
        },
        name,
    );
    store.listen((chosen) => button.setAttribute("aria-pressed", String(chosen[name])));
    return button;
}

/** Says so, where there is nothing to regroup. @param {App} app */
function regrouping({ run, store }) {
    const status = h("span", { class: "found regrouped", role: "status" });
    store.listen(({ regroup }, before) => {
        if (regroup === before.regroup && status.textContent) return;
        const moves = regroup && arrange(run, true).steps.some((step, row) => step !== row);
        status.textContent = regroup && !moves ? "nothing to regroup" : "";
    });
    return status;
}

/** Which lanes are shown. @param {App} app */
function lanesMenu({ run, store }) {
    const boxes = run.bundle.scene.lanes.map(({ name }) => {
        const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", "aria-label": name }));
        box.addEventListener("change", () => {
            const folded = new Set(store.chosen.folded.split(",").filter(Boolean));
            if (box.checked) folded.delete(`-${name}`);
            else folded.add(`-${name}`);
            store.set({ folded: [...folded].join(",") });
        });
        store.listen(({ folded }) => (box.checked = !folded.split(",").includes(`-${name}`)));
        return h("label", {}, box, ` ${name}`);
    });
    return h(
        "details",
        { class: "menu lanes-menu" },
        h("summary", {}, "lanes"),
        h("div", { class: "items" }, boxes),
    );
}

/** @param {Run} run @param {() => string} folded */
function exportMenu(run, folded) {
    const base = run.bundle.name.replace(/\.itf\.json$/, "").replace(/[^\w.-]+/g, "-");
    const menu = h("details", { class: "menu export" }, h("summary", {}, "export"));
    const item = (/** @type {string} */ text, /** @type {() => void} */ act) =>
        h(
            "button",
            {
                onclick: () => {
                    act();
                    menu.removeAttribute("open");
                },
            },
            text,
        );
    menu.append(
        h(
            "div",
            { class: "items" },
            item("Markdown", () => download(`${base}.md`, markdown(run), "text/markdown")),
            item("Copy Markdown", () => void navigator.clipboard?.writeText(markdown(run))),
            item("SVG", () => download(`${base}.svg`, picture(run, folded()), "image/svg+xml")),
            item("Mermaid", () => download(`${base}.mmd`, mermaid(run), "text/plain")),
            item("PlantUML", () => download(`${base}.puml`, plantuml(run), "text/plain")),
            item("Print", () => window.print()),
        ),
    );
    return menu;
}
