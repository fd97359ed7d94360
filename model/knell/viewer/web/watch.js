/** Expressions that the reader watches: their value at the cursor, and where it changes. */

import { h } from "./dom.js";
import { compile } from "./expression.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */

/**
 * @param {Run} run
 * @param {Store} store
 */
export function watchPanel(run, store) {
    const input = /** @type {HTMLInputElement} */ (
        h("input", {
            class: "watch-input",
            type: "text",
            placeholder: example(run),
            "aria-label": "expression to watch",
            spellcheck: "false",
        })
    );
    const form = h(
        "form",
        {
            class: "watch-form",
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                if (input.value.trim()) store.set({ watches: [...store.chosen.watches, input.value.trim()] });
            },
        },
        input,
        h("button", { type: "submit" }, "watch"),
    );
    return h(
        "div",
        { class: "watches" },
        form,
        h(
            "p",
            { class: "quiet" },
            "Cells by name, ",
            h("code", {}, "== != < + & | !"),
            ", and ",
            h("code", {}, "#name"),
            " for how many hold.",
        ),
        store.chosen.watches.map((text, index) => watchItem(run, store, text, index)),
    );
}

/** A watch that this very run can answer. @param {Run} run */
function example(run) {
    const cell = run.labels.findIndex(
        (_, each) =>
            run.parents[each] >= 0 &&
            run.restless.has(each) &&
            !run.children[each].length &&
            run.kind(each, 0) !== "c",
    );
    const [name, text] = cell < 0 ? ["phase[n1]", "active"] : [run.name(cell), run.text(cell, 0) ?? "absent"];
    return `${name} == ${text}`;
}

/** @param {Run} run @param {Store} store @param {string} text @param {number} index */
function watchItem(run, store, text, index) {
    const remove = h(
        "button",
        {
            class: "remove",
            "aria-label": `stop watching ${text}`,
            onclick: () => store.set({ watches: store.chosen.watches.filter((_, i) => i !== index) }),
        },
        "×",
    );
    try {
        const meaning = compile(text, run);
        const step = Math.min(store.chosen.step, run.last);
        const now = meaning(run, step);
        const before = step > 0 ? meaning(run, step - 1) : now;
        const flips = changes(run, meaning);
        return h(
            "div",
            { class: `watch ${String(now) !== String(before) ? "changed" : ""}` },
            h("div", { class: "line" }, h("code", {}, text), remove),
            h(
                "div",
                { class: "line" },
                h(
                    "span",
                    { class: `watch-value ${now === true || now === "true" ? "yes" : ""}` },
                    now === null ? "absent" : String(now),
                ),
                h(
                    "span",
                    { class: "flips" },
                    flips.length ? "changes at " : "never changes",
                    flips
                        .slice(0, 12)
                        .map((each) =>
                            h("button", { class: "to-step", onclick: () => store.set({ step: each }) }, each),
                        ),
                    flips.length > 12 ? "…" : null,
                ),
            ),
        );
    } catch (error) {
        return h(
            "div",
            { class: "watch wrong" },
            h("div", { class: "line" }, h("code", {}, text), remove),
            h("div", {}, error instanceof Error ? error.message : String(error)),
        );
    }
}

/** @param {Run} run @param {import("./expression.js").Meaning} meaning */
function changes(run, meaning) {
    const found = [];
    let before = meaning(run, 0);
    for (let step = 1; step <= run.last && found.length < 100; step += 1) {
        const now = meaning(run, step);
        if (String(now) !== String(before)) found.push(step);
        before = now;
    }
    return found;
}
