/** The state as a table, with what differs from the step before, or from another run. */

import { h } from "./dom.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {{run: Run, cell: number, step: number, before: number, store: Store, show: string}} Here */

/** Parts of a value shown, at most. */
export const MANY = 400;

/**
 * @param {Run} run
 * @param {Store} store
 * @returns {HTMLElement}
 */
export function stateTable(run, store) {
    const step = Math.min(store.chosen.step, run.steps);
    const shown = run.stateOf(step);
    const before = step > run.last ? run.last : step - 1;
    const { show } = store.chosen;
    const rows = run.bundle.vars.flatMap((cell) => {
        const changed = step > 0 && run.changed(cell, shown, before);
        if (show === "changes" && !changed) return [];
        if (show === "varying" && !run.restless.has(cell)) return [];
        return [
            h(
                "tr",
                { class: changed ? "changed" : "" },
                h(
                    "th",
                    { scope: "row" },
                    run.labels[cell],
                    changed ? h("span", { class: "sr" }, " changed") : null,
                ),
                h(
                    "td",
                    {},
                    content({ run, cell, step: shown, before: step === 0 ? -1 : before, store, show }),
                ),
            ),
        ];
    });
    const still = run.bundle.vars.filter((cell) => !run.restless.has(cell));
    return h(
        "div",
        {},
        rows.length
            ? h("table", { class: "state" }, h("tbody", {}, rows))
            : h(
                  "p",
                  { class: "empty" },
                  step === 0 && show === "changes"
                      ? "This is where the run starts."
                      : "Nothing changes here.",
              ),
        show === "varying" && still.length
            ? h("p", { class: "quiet" }, `Never changes: ${still.map((cell) => run.labels[cell]).join(", ")}`)
            : null,
    );
}

/** @param {Here} here @returns {(Node | string)[]} */
function content(here) {
    const { run, cell, step } = here;
    const kind = run.kind(cell, step) ?? run.kind(cell, here.before);
    if (kind !== "c") return [leaf(here)];
    const children = run.children[cell];
    if (!children.length) return [h("span", { class: "none" }, "empty")];
    const flat = children.every((child) => !run.children[child].length && run.kind(child, step) !== "c");
    if (!flat) return [nested(here, children)];
    const form = run.text(cell, step);
    const members =
        form === "set" ||
        children.every(
            (child) =>
                ["b", null].includes(run.kind(child, step)) &&
                ["b", null].includes(run.kind(child, here.before)),
        );
    return members ? relation(here, children, form === "set") : table(here, children);
}

/** One value, with the old one before it. @param {Here} here */
function leaf({ run, cell, step, before, store }) {
    const now = run.text(cell, step);
    const old = before >= 0 ? run.text(cell, before) : now;
    const differs = before >= 0 && run.at(cell, step) !== run.at(cell, before);
    return h(
        "span",
        { class: differs ? "value new" : "value" },
        differs
            ? [h("del", {}, old ?? "absent"), h("span", { class: "to", "aria-label": "becomes" }, " → ")]
            : null,
        origin(run, cell, step, store, now ?? "absent", differs ? "ins" : "span"),
    );
}

/**
 * A text that tells, and leads to, the step that set it.
 * @param {Run} run @param {number} cell @param {number} step @param {Store} store @param {string} text @param {string} tag
 */
function origin(run, cell, step, store, text, tag, extra = "") {
    const since = run.since(cell, step);
    const why = since === 0 ? "so since the start" : `since step ${since}: ${run.call(since)}`;
    return h(
        tag,
        {
            class: `origin ${extra}`,
            title: `${run.name(cell)} ${why}`,
            ondblclick: () => store.set({ step: since }),
        },
        text,
    );
}

/** The points at which a relation holds, or the elements of a set. @param {Here} here @param {number[]} children @param {boolean} set */
function relation({ run, step, before, store, show }, children, set) {
    const holds = (/** @type {number} */ cell, /** @type {number} */ at) =>
        at >= 0 &&
        (set || run.kind(cell, at) === "e" ? run.at(cell, at) >= 0 : run.text(cell, at) === "true");
    const chips = children.flatMap((cell) => {
        const now = holds(cell, step);
        const old = before < 0 ? now : holds(cell, before);
        if (!now && !old) return [];
        if (show === "changes" && now === old) return [];
        const label = run.labels[cell];
        if (now && !old)
            return [
                h(
                    "span",
                    { class: "chip plus" },
                    h("span", { class: "sign", "aria-label": "added" }, "+"),
                    origin(run, cell, step, store, label, "ins"),
                ),
            ];
        if (!now && old)
            return [
                h(
                    "span",
                    { class: "chip minus" },
                    h("span", { class: "sign", "aria-label": "removed" }, "-"),
                    h("del", {}, label),
                ),
            ];
        return [h("span", { class: "chip" }, origin(run, cell, step, store, label, "span"))];
    });
    return chips.length ? chips.slice(0, MANY) : [h("span", { class: "none" }, "none")];
}

/** A function of flat values: what changed first, then who shares a value. @param {Here} here @param {number[]} children */
function table(here, children) {
    const { run, step, before, store, show } = here;
    const changed = before < 0 ? [] : children.filter((cell) => run.at(cell, step) !== run.at(cell, before));
    /** @type {Map<string, number[]>} */
    const groups = new Map();
    for (const cell of children) {
        const text = run.text(cell, step);
        if (text !== null && !changed.includes(cell)) groups.set(text, [...(groups.get(text) ?? []), cell]);
    }
    const parts = changed.map((cell) =>
        h("div", { class: "entry" }, h("span", { class: "key" }, run.labels[cell]), leaf({ ...here, cell })),
    );
    if (show === "changes") return parts;
    const most = Math.max(0, ...[...groups.values()].map((cells) => cells.length));
    for (const [text, cells] of groups) {
        const all = cells.length > 2 && cells.length === children.length;
        const others = show !== "all" && cells.length === most && most > 6 && !all;
        parts.push(
            h(
                "div",
                { class: "entry" },
                h("span", { class: "same" }, text),
                all
                    ? h("span", { class: "chip" }, "all")
                    : others
                      ? h(
                            "span",
                            { class: "none", title: cells.map((cell) => run.labels[cell]).join("; ") },
                            `the other ${most}`,
                        )
                      : cells
                            .slice(0, MANY)
                            .map((cell) =>
                                h(
                                    "span",
                                    { class: "chip" },
                                    origin(run, cell, step, store, run.labels[cell], "span"),
                                ),
                            ),
            ),
        );
    }
    return parts;
}

/** Values inside values. @param {Here} here @param {number[]} children */
function nested(here, children) {
    const { run, step, before, show } = here;
    const rows = children
        .filter((child) => run.at(child, step) >= 0 || (before >= 0 && run.at(child, before) >= 0))
        .flatMap((child) => {
            const changed = before >= 0 && run.changed(child, step, before);
            if (show === "changes" && !changed) return [];
            return [
                h(
                    "div",
                    { class: changed ? "nest changed" : "nest" },
                    h("span", { class: "key" }, run.labels[child]),
                    h("div", {}, content({ ...here, cell: child })),
                ),
            ];
        });
    return h("div", { class: "nested" }, rows.slice(0, MANY));
}
