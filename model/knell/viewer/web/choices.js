/** What could have happened at the cursor, and which clause forbids what could not. */

import { h } from "./dom.js";
import { missing } from "./facts.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */

/**
 * The disabled instances after a step; the extras tell changes only.
 * @param {Run} run
 * @param {number} step
 * @returns {Map<number, string[]>}
 */
function disabledAt(run, step) {
    const found = new Map();
    for (const state of run.extras.choices.states.slice(0, step + 1)) {
        for (const [instance, clauses] of Object.entries(state.disabled)) {
            if (clauses === null) found.delete(Number(instance));
            else found.set(Number(instance), clauses);
        }
    }
    return found;
}

/** @param {[string, Record<string, string>]} instance */
function call([action, parameters]) {
    return `${action}(${Object.entries(parameters)
        .map(([name, value]) => `${name}=${value}`)
        .join(", ")})`;
}

/**
 * @param {Run} run
 * @param {Store} store
 * @param {((step: number, action: string, parameters: Record<string, string>) => void) | null} go takes a choice, where the page is live
 */
export function choicesPanel(run, store, go) {
    const step = run.stateOf(Math.min(store.chosen.step, run.steps));
    const choices = run.extras?.choices;
    if (!choices?.states?.length) return h("p", { class: "empty" }, missing(run));
    const state = choices.states[step];
    if (!state)
        return h(
            "p",
            { class: "empty" },
            `What else could happen was worked out for the first ${choices.states.length} states only.`,
        );
    const next = step < run.steps ? run.call(step + 1) : null;
    const query = store.chosen.query.toLowerCase();
    const fits = (/** @type {string} */ text) =>
        !query || query.split(/\s+/).every((word) => text.toLowerCase().includes(word));
    const broken = brokenAt(run, step);
    // What was taken first, then what would break the property; what changes nothing comes last.
    const rank = (/** @type {any} */ [instance, changes, breaks]) =>
        call(choices.instances[instance]) === next ? 0 : fresh(breaks, broken).length ? 1 : Object.keys(changes).length ? 2 : 3;
    const enabled = state.enabled
        .filter((/** @type {any} */ [instance]) => fits(call(choices.instances[instance])))
        .sort((/** @type {any} */ a, /** @type {any} */ b) => rank(a) - rank(b));
    const disabled = [...disabledAt(run, step)].filter(([instance]) =>
        fits(call(choices.instances[instance])),
    );
    return h(
        "div",
        { class: "choices" },
        h("h3", {}, `Enabled after step ${step}`, h("span", { class: "count" }, enabled.length)),
        h(
            "ul",
            { class: "enabled" },
            enabled.map((/** @type {any} */ choice) => enabledItem(run, step, choice, { next, broken, go })),
        ),
        h("h3", {}, "Disabled", h("span", { class: "count" }, disabled.length)),
        disabledGroups(run, disabled),
    );
}

/** The conjuncts that do not hold after a step already. @param {Run} run @param {number} step @returns {Set<string>} */
function brokenAt(run, step) {
    const parts = (run.extras.conjuncts ?? []).filter(
        (/** @type {any} */ part) => part.kind === "always" && part.broken.includes(step),
    );
    return new Set(
        parts.map((/** @type {any} */ { property, conjunct }) =>
            property === conjunct ? property : `${property} ${conjunct}`,
        ),
    );
}

/** What a choice would break that is not broken yet. @param {string[]} breaks @param {Set<string>} broken */
function fresh(breaks, broken) {
    return breaks.filter((each) => !broken.has(each));
}

/** @param {Run} run @param {number} step @param {any} choice @param {{next: string | null, broken: Set<string>, go: any}} around */
function enabledItem(run, step, [instance, changes, breaks], { next, broken, go }) {
    const chosen = run.extras.choices.instances[instance];
    const taken = call(chosen) === next;
    const about = run.extras.actions?.[chosen[0]];
    const cells = Object.entries(changes);
    const worse = fresh(breaks, broken);
    return h(
        "li",
        { class: `choice ${taken ? "taken" : ""}` },
        h(
            "details",
            {},
            h(
                "summary",
                {},
                h("b", {}, chosen[0]),
                h("span", { class: "parameters" }, call(chosen).slice(chosen[0].length)),
                taken ? h("span", { class: "flag taken" }, "taken here") : null,
                about?.environment ? h("span", { class: "flag env" }, "environment") : null,
                about?.fairness ? h("span", { class: "flag" }, `${about.fairness}ly fair`) : null,
                cells.length ? null : h("span", { class: "flag" }, "changes nothing"),
                worse.length ? h("span", { class: "flag bad" }, `✗ breaks ${worse.join(", ")}`) : null,
                breaks.length > worse.length ? h("span", { class: "flag" }, "already broken") : null,
                go
                    ? h(
                          "button",
                          {
                              class: "go",
                              onclick: (/** @type {Event} */ event) => {
                                  event.preventDefault();
                                  go(step, chosen[0], chosen[1]);
                              },
                          },
                          "take",
                      )
                    : null,
            ),
            about?.about ? h("p", { class: "about" }, about.about) : null,
            cells.length
                ? h(
                      "ul",
                      { class: "effects" },
                      cells.map(([cell, value]) => h("li", {}, h("code", {}, `${cell} := ${value}`))),
                  )
                : null,
        ),
    );
}

/** @param {Run} run @param {[number, string[]][]} disabled */
function disabledGroups(run, disabled) {
    /** @type {Map<string, [number, string[]][]>} */
    const groups = new Map();
    for (const each of disabled) {
        const action = run.extras.choices.instances[each[0]][0];
        groups.set(action, [...(groups.get(action) ?? []), each]);
    }
    const nearest = (/** @type {[number, string[]][]} */ group) =>
        Math.min(...group.map(([, clauses]) => clauses.length));
    const sorted = [...groups].sort(([, a], [, b]) => nearest(a) - nearest(b));
    return h(
        "ul",
        { class: "disabled" },
        sorted.map(([action, group]) => {
            group.sort(([, a], [, b]) => a.length - b.length);
            return h(
                "li",
                {},
                h(
                    "details",
                    {},
                    h(
                        "summary",
                        {},
                        h("b", {}, action),
                        h("span", { class: "clauses" }, `needs ${group[0][1].join(", ")}`),
                        group.length > 1 ? h("span", { class: "count" }, group.length) : null,
                    ),
                    h(
                        "ul",
                        { class: "effects" },
                        group
                            .slice(0, 60)
                            .map(([instance, clauses]) =>
                                h(
                                    "li",
                                    {},
                                    h(
                                        "span",
                                        { class: "parameters" },
                                        call(run.extras.choices.instances[instance]).slice(action.length),
                                    ),
                                    " fails ",
                                    h("span", { class: "clauses" }, clauses.join(", ")),
                                ),
                            ),
                    ),
                ),
            );
        }),
    );
}
