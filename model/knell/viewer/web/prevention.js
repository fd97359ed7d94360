/** What would have prevented it: what the model without its weakness does instead of a run. */

import { h } from "./dom.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {[string, string, string]} Differing a cell, what it holds here, and what there */

/** Cells named in a sentence, at most. */
const MOST_CELLS = 3;

/** What the sound model does instead. @param {Run} run @param {Store} store */
export function remedy(run, store) {
    const found = run.extras?.remedy;
    if (!found) return null;
    const { stops, differs } = found;
    return h(
        "div",
        { class: "remedy" },
        h("h2", {}, "What would have prevented it"),
        h("p", {}, found.of),
        h(
            "ul",
            {},
            differs ? otherEffect(store, differs, cellsOf(found)) : null,
            stops ? forbidden(store, stops) : null,
            found.goes_on?.length ? goesOn(run, found) : null,
        ),
    );
}

/**
 * Where the other run is one of the sound model: in a sentence what that model does instead.
 * @param {Run} run @param {Run} other @param {"left" | "right"} side where the run stands
 */
export function prevented(run, other, side) {
    const found = run.extras?.remedy;
    if (!found || !isOf(other, run.meta.model, found.config)) return null;
    const { stops, differs, goes_on: goesOn } = found;
    const { named, decisive } = cellsOf(found);
    const parts = [];
    if (differs) parts.push(`the ${side}'s step ${differs.step} would ${named.map(setting).join(" and ")}`);
    if (stops) parts.push(`${differs ? "" : `the ${side}'s `}step ${stops.step} would not be allowed`);
    if (goesOn?.length) parts.push(`the ${side} would have to go on with ${goesOn.join(" or ")}`);
    const there = run.meta.mutant
        ? `Without the ${side}'s planted fault`
        : `Under the ${side === "left" ? "right" : "left"}'s configuration`;
    return `${there}, ${parts.join(stops && decisive ? ", so " : ", and ")}.`;
}

/** Whether a run is one of the sound model under these parameters. @param {Run} run @param {string} model @param {Record<string, unknown> | undefined} config */
function isOf({ meta }, model, config) {
    const names = Object.keys(meta.config ?? {});
    return (
        meta.model === model &&
        !meta.mutant &&
        config !== undefined &&
        names.length === Object.keys(config).length &&
        names.every((name) => meta.config[name] === config[name])
    );
}

/**
 * Of the cells that a step leaves otherwise those to be named: what forbids the later step, if it
 * reads any of them; and the rest.
 * @param {any} found
 * @returns {{named: Differing[], rest: Differing[], decisive: boolean}}
 */
function cellsOf({ stops, differs }) {
    /** @type {Differing[]} */
    const cells = differs?.cells ?? [];
    const read = new Set((stops?.since ?? []).map((/** @type {string[]} */ [cell]) => cell));
    const deciding = cells.filter(([cell]) => read.has(cell));
    const named = (deciding.length ? deciding : cells).slice(0, MOST_CELLS);
    return { named, rest: cells.filter((each) => !named.includes(each)), decisive: deciding.length > 0 };
}

/** What a step would do to a cell in the sound model, in words. @param {Differing} cell */
function setting([cell, here, there]) {
    if (here === "true" && there === "false") return `not set ${cell}`;
    return there === "true" ? `set ${cell}` : `leave ${cell} = ${there} instead of ${here}`;
}

/** @param {Differing} cell */
function instead([cell, here, there]) {
    return [h("code", {}, `${cell} = ${there}`), ` instead of ${here}`];
}

/** @param {Store} store @param {any} differs @param {{named: Differing[], rest: Differing[]}} cells */
function otherEffect(store, differs, { named, rest }) {
    return h(
        "li",
        {},
        link(store, differs.step),
        `, ${differs.action}, has another effect there: `,
        named.flatMap((each, i) => [i ? ", " : "", ...instead(each)]),
        rest.length
            ? [
                  ", ",
                  h(
                      "details",
                      { class: "more" },
                      h("summary", {}, `and ${rest.length} more`),
                      h(
                          "ul",
                          {},
                          rest.map((each) => h("li", {}, instead(each))),
                      ),
                  ),
              ]
            : ".",
    );
}

/** @param {Store} store @param {any} stops */
function forbidden(store, stops) {
    const since = stops.since
        .slice(0, MOST_CELLS)
        .map((/** @type {[string, string]} */ [cell, value]) => `${cell} = ${value}`);
    return h(
        "li",
        {},
        link(store, stops.step),
        `, ${stops.action}, is not allowed: `,
        h("b", {}, stops.clauses.join(", ")),
        stops.clauses.length > 1 ? " do not hold" : " does not hold",
        since.length ? [", since ", h("code", {}, since.join(", "))] : null,
        ".",
    );
}

/** The steps that would have to happen, and what their actions are. @param {Run} run @param {{goes_on: string[], means?: Record<string, string>}} found */
function goesOn(run, { goes_on: steps, means }) {
    return h(
        "li",
        {},
        run.bundle.closing
            ? "It could not go round for ever: "
            : `It could not stay as it is after step ${run.last}: `,
        steps.flatMap((each, i) => [i ? ", " : "", h("b", {}, each)]),
        " would have to happen.",
        Object.entries(means ?? {}).map(([action, about]) =>
            about ? h("span", { class: "quiet" }, ` ${action} means: “${about}”`) : null,
        ),
    );
}

/** @param {Store} store @param {number} step */
function link(store, step) {
    return h("button", { class: "to-step wide", onclick: () => store.set({ step }) }, `Step ${step}`);
}
