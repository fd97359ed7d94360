/** Two runs side by side: in what their models differ, where they part, and how their states differ. */

import { h } from "./dom.js";
import { MANY } from "./state.js";
import { parting, sameAt } from "./run.js";
import { sentence, verdictOf } from "./headline.js";
import { prevented } from "./prevention.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */

/** Parameters named for a side, at most. */
const MOST_PARAMETERS = 4;

/**
 * What a run is a run of, as far as it tells it from the other: `one-signal (signals = 1)`.
 * @param {Run} run @param {Run} other
 */
export function sideOf(run, other) {
    const whole = (/** @type {Run} */ { meta, extras }) => [
        extras?.config ?? meta.model ?? "",
        ...(meta.mutant ? [`mutant ${meta.mutant}`] : []),
    ];
    const there = other.meta.config ?? {};
    const apart = Object.entries(run.meta.config ?? {})
        .filter(([name, value]) => name in there && there[name] !== value)
        .map(([name, value]) => `${name} = ${value}`);
    const names = whole(run).join(", ");
    if (!apart.length && names === whole(other).join(", ")) return run.bundle.name;
    const more = apart.length > MOST_PARAMETERS ? ", …" : "";
    return apart.length ? `${names} (${apart.slice(0, MOST_PARAMETERS).join(", ")}${more})` : names;
}

/** Where a run stands when the cursor is at a step, which may lie behind its end. @param {Run} run @param {number} step */
export function place(run, step) {
    return step > run.steps ? `at its end (${run.steps})` : `step ${step}`;
}

/** @param {Run} run @param {Run} other @param {Store} store */
export function comparing(run, other, store) {
    const where = parting(run, other);
    const same =
        where === null
            ? "They are the same from start to end."
            : where === 0
              ? "They differ from the start."
              : `The first ${where === 1 ? "state is" : `${where} states are`} the same; they part at step ${where}: ${call(run, where)} against ${call(other, where)}.`;
    const prevention = prevented(run, other, "left") ?? prevented(other, run, "right");
    return h(
        "section",
        { class: "headline two", "aria-label": "how the traces compare" },
        h("h1", { class: "sides" }, sideLine("left", run, other), sideLine("right", other, run)),
        h(
            "p",
            { class: "how" },
            same,
            " ",
            where === null
                ? null
                : h(
                      "button",
                      { class: "to-step wide", onclick: () => store.set({ step: where }) },
                      "go there",
                  ),
        ),
        prevention ? h("p", { class: "how prevention" }, prevention) : null,
    );
}

/** What a side is a run of, and what it shows: the property's sentence, or how it came about. @param {"left" | "right"} side @param {Run} run @param {Run} other */
function sideLine(side, run, other) {
    const { bad, text } = verdictOf(run);
    const about = run.extras?.properties?.[run.meta.property ?? ""]?.about;
    return h(
        "span",
        { class: "side-line" },
        h("span", { class: "quiet" }, `${side}: `),
        h("b", {}, sideOf(run, other)),
        " ",
        h("span", { class: bad ? "verdict bad" : "verdict good" }, bad ? "✗ " : "✓ ", text),
        h("span", { class: "statement" }, ` ${about || sentence(run)}`),
    );
}

/** @param {Run} run @param {number} step */
function call(run, step) {
    return step > run.steps ? "the end" : run.call(step);
}

/**
 * Where two runs say different things after the same number of steps.
 * @param {Run} a @param {Run} b @param {number} step
 */
export function comparison(a, b, step) {
    const [left, right] = [Math.min(step, a.last), Math.min(step, b.last)];
    const roots = new Map(b.bundle.vars.map((cell) => [b.labels[cell], cell]));
    /** @type {HTMLElement[]} */
    const rows = [];
    const leafs = (
        /** @type {Run} */ run,
        /** @type {number} */ cell,
        /** @type {number} */ at,
        /** @type {Map<string, string>} */ out,
    ) => {
        const kind = run.kind(cell, at);
        if (kind !== null && kind !== "c")
            out.set(run.name(cell), kind === "e" ? "in" : (run.text(cell, at) ?? ""));
        run.children[cell].forEach((child) => leafs(run, child, at, out));
        return out;
    };
    for (const cell of a.bundle.vars) {
        const twin = roots.get(a.labels[cell]);
        if (
            twin !== undefined &&
            sameAt(a, cell, b, twin, -1) &&
            left === right &&
            sameAt(a, cell, b, twin, left)
        )
            continue;
        const here = leafs(a, cell, left, new Map());
        const there = twin === undefined ? new Map() : leafs(b, twin, right, new Map());
        for (const name of new Set([...here.keys(), ...there.keys()])) {
            if (here.get(name) === there.get(name)) continue;
            rows.push(
                h(
                    "tr",
                    {},
                    h("th", { scope: "row" }, name),
                    h("td", {}, here.get(name) ?? "absent"),
                    h("td", {}, there.get(name) ?? "absent"),
                ),
            );
        }
    }
    return h(
        "div",
        {},
        h("h3", {}, "How the two states differ"),
        rows.length
            ? h(
                  "table",
                  { class: "compare" },
                  h(
                      "thead",
                      {},
                      h(
                          "tr",
                          {},
                          h("th", {}, "cell"),
                          h("th", {}, `left, ${place(a, step)}`),
                          h("th", {}, `right, ${place(b, step)}`),
                      ),
                  ),
                  h("tbody", {}, rows.slice(0, MANY)),
              )
            : h("p", { class: "empty" }, "They are the same."),
    );
}
