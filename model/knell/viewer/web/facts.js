/** The properties along the run: what holds at each step, where a conjunct flipped, and why. */

import { h } from "./dom.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */

/**
 * @param {Run} run
 * @param {Store} store
 */
export function factsPanel(run, store) {
    const conjuncts = run.extras?.conjuncts ?? [];
    if (!conjuncts.length) return h("p", { class: "empty" }, missing(run));
    const step = Math.min(store.chosen.step, run.last);
    /** @type {Map<string, any[]>} */
    const byProperty = new Map();
    for (const each of conjuncts)
        byProperty.set(each.property, [...(byProperty.get(each.property) ?? []), each]);
    const own = run.meta.property;
    const sorted = [...byProperty].sort(([a], [b]) => Number(b === own) - Number(a === own));
    return h(
        "div",
        { class: "facts" },
        sorted
            .filter(([, parts]) => parts[0].kind !== "reachable")
            .map(([id, parts]) => property(run, store, id, parts, step)),
        h("h3", {}, "Witnesses"),
        sorted
            .filter(([, parts]) => parts[0].kind === "reachable")
            .map(([id, parts]) => property(run, store, id, parts, step)),
    );
}

/** @param {Run} run */
export function missing(run) {
    if (run.extras?.limits?.length) return `Not told: ${run.extras.limits.join("; ")}.`;
    return run.bundle.ours
        ? "This trace carries its states only. Open it with 'knell view' where its model is known, or name the model with --model."
        : "This trace was written by another tool, which says nothing of properties and actions.";
}

/** @param {Run} run @param {Store} store @param {string} id @param {any[]} parts @param {number} step */
function property(run, store, id, parts, step) {
    const about = run.extras.properties?.[id];
    const leads = parts[0].kind === "leads_to";
    const broken =
        !leads && parts[0].kind !== "reachable" && parts.some((part) => part.broken.includes(step));
    return h(
        "section",
        { class: `property ${broken ? "broken" : ""} ${id === run.meta.property ? "own" : ""}` },
        h(
            "h4",
            {},
            h("span", { class: "id" }, id),
            h("span", { class: "kind" }, (parts[0].kind ?? "").replace("_", " ")),
            h("span", { class: "claims" }, (about?.claims ?? []).join(" ")),
        ),
        about?.about && id === run.meta.property ? h("p", { class: "about" }, about.about) : null,
        parts.map((part) => conjunct(run, store, part, step)),
    );
}

/** @param {Run} run @param {Store} store @param {any} part @param {number} step */
function conjunct(run, store, part, step) {
    const holds = !part.broken.includes(step);
    const flips = (run.extras.flips ?? []).filter(
        (/** @type {any} */ flip) => flip.property === part.property && flip.conjunct === part.conjunct,
    );
    const here = flips.find((/** @type {any} */ flip) => flip.step === step);
    const last = here ?? flips.filter((/** @type {any} */ flip) => flip.step <= step && !flip.holds).at(-1);
    return h(
        "div",
        { class: holds ? "conjunct" : "conjunct false" },
        h(
            "div",
            { class: "line" },
            h(
                "span",
                { class: holds ? "sign yes" : "sign no", "aria-label": holds ? "holds" : "does not hold" },
                holds ? "✓" : "✗",
            ),
            h("span", { class: "conjunct-name" }, part.conjunct),
            strip(run, store, part),
        ),
        last && !holds ? because(run, store, last) : null,
    );
}

/** Truth along the run, drawn small: one stroke where it does not hold. @param {Run} run @param {Store} store @param {any} part */
function strip(run, store, part) {
    if (!part.broken.length) return null;
    const starts = part.broken.filter(
        (/** @type {number} */ step, /** @type {number} */ i) => i === 0 || part.broken[i - 1] !== step - 1,
    );
    return h(
        "span",
        { class: "flips" },
        part.kind === "reachable" || part.kind === "leads_to" ? "not at " : "not from ",
        starts
            .slice(0, 8)
            .map((/** @type {number} */ step) =>
                h("button", { class: "to-step", onclick: () => store.set({ step }) }, step),
            ),
        starts.length > 8 ? "…" : null,
    );
}

/**
 * The assignments that made a conjunct false.
 * @param {Run} run @param {Store} store @param {any} flip
 */
function because(run, store, flip) {
    const values = Object.entries(flip.bindings ?? {})
        .map(([name, value]) => `${name} = ${value}`)
        .join(", ");
    return h(
        "div",
        { class: "because" },
        h("div", { class: "with" }, values ? `with ${values}, because` : "because"),
        h(
            "ul",
            {},
            flip.because.map((/** @type {[string, string, number]} */ cause) =>
                h("li", {}, setBy(run, store, cause)),
            ),
        ),
    );
}

/**
 * What a cell holds, and the step that set it.
 * @param {Run} run @param {Store} store @param {[string, string, number]} cause
 */
export function setBy(run, store, [cell, value, step]) {
    return [
        h("code", {}, `${cell} = ${value}`),
        step === 0
            ? h("span", { class: "quiet" }, " since the start")
            : [
                  h("span", { class: "quiet" }, " set by "),
                  h(
                      "button",
                      { class: "to-step wide", onclick: () => store.set({ step }) },
                      `step ${step}: ${run.action(step)}`,
                  ),
              ],
    ];
}
