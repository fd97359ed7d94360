/** What the trace shows, in sentences: what is violated, by which step, why, and what would prevent it. */

import { h } from "./dom.js";
import { setBy } from "./facts.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */

/** Cells named in a sentence, at most. */
const MOST_CELLS = 3;

/** @param {Run} run */
export function verdictOf(run) {
    const { kind, property } = run.meta;
    if (kind === "reachable") return { bad: false, text: `${property ?? "A witness"} can be reached` };
    if (kind === "deadlock") return { bad: true, text: "The run gets stuck" };
    if (run.meta.divergence) return { bad: true, text: "The implementation differs from the model" };
    if (property && kind === "run") return { bad: true, text: `${property} is not shown by induction` };
    if (property) return { bad: true, text: `${property} is violated` };
    const broken = Array.from({ length: run.last }, (_, i) => run.violated(i + 1)).find(Boolean);
    return broken ? { bad: true, text: `${broken} is violated` } : { bad: false, text: "A run" };
}

/** Where the story turns: the step that breaks the property, or where the loop begins. @param {Run} run */
export function turningPoint(run) {
    if (run.meta.kind === "leads_to" && run.bundle.loop !== null)
        return run.extras?.premise ?? run.bundle.loop;
    for (let step = 1; step <= run.last; step += 1) if (run.violated(step)) return step;
    return run.meta.property || run.bundle.ours ? run.last : 0;
}

/** One sentence on how it came about. @param {Run} run @returns {string} */
export function sentence(run) {
    const { kind, conjuncts, bindings } = run.meta;
    const values = Object.entries(bindings ?? {})
        .map(([name, value]) => `${name} = ${value}`)
        .join(", ");
    const shown = values ? `, with ${values}` : "";
    const parts = (conjuncts ?? []).filter((/** @type {string} */ name) => name !== run.meta.property);
    const broken = parts.length ? `: ${parts.join(" and ")} ${parts.length > 1 ? "do" : "does"} not hold` : "";
    const turn = turningPoint(run);
    switch (kind) {
        case "leads_to": {
            const loop = run.bundle.loop;
            const round = run.bundle.closing
                ? `the run goes round from state ${loop} for ever`
                : `nothing more has to happen after step ${loop}`;
            return `From step ${turn} on it waits ${awaited(run, shown)}: ${round}.`;
        }
        case "deadlock":
            return `After step ${run.last} no action is enabled, and the model does not end here.`;
        case "reachable":
            return `Step ${run.last}, ${run.call(run.last)}, reaches it${shown}.`;
        case "always":
        case "action":
            if (turn === 0 || run.last === 0) return `The initial state breaks it${broken}${shown}.`;
            return `${breaker(run, turn)}${broken}${shown}.`;
        case "run":
            if (run.meta.divergence) return differing(run);
            if (!run.meta.property) return plainly(run);
            if (run.last === 0) return "An initial state lacks it.";
            return `Step ${turn}, ${run.call(turn)}, leads from a state that has it to one that lacks it. Nobody says that the first of them can be reached.`;
        default:
            return plainly(run);
    }
}

/** What never comes: the cells that would have to hold something else. @param {Run} run @param {string} shown */
function awaited(run, shown) {
    const goals = (run.extras?.waits ?? []).filter((/** @type {any} */ each) => each.goal);
    const cells = goals.map((/** @type {any} */ each) => `${each.cell} = ${each.for.join(" or ")}`);
    return cells.length
        ? `for ${cells.join(", or ")}, which never comes${shown}`
        : `for what never comes${shown}`;
}

/** Who breaks the property, and how: the lane whose step it is, unless it is no doing of its. @param {Run} run @param {number} turn */
function breaker(run, turn) {
    const [taker] = run.takers(turn);
    if (taker === undefined || run.about(turn)?.environment)
        return `Step ${turn}, ${run.call(turn)}, breaks it`;
    return `In step ${turn} ${run.bundle.scene.lanes[taker].name} breaks it by ${run.call(turn)}`;
}

/** What an implementation does otherwise. @param {Run} run */
function differing(run) {
    const { enabled, step } = run.meta.divergence;
    return enabled
        ? `Step ${run.last}, ${run.call(run.last)}, has another outcome there.`
        : `After step ${run.last} the model does not allow ${step}.`;
}

/** What was expected and what was observed. @param {Run} run */
function findings(run) {
    const rows = run.meta.divergence?.findings ?? [];
    if (!rows.length) return null;
    return h(
        "div",
        { class: "why" },
        h("h2", {}, "What differs"),
        h(
            "ul",
            {},
            rows.map((/** @type {string[]} */ [what, expected, observed]) =>
                h("li", {}, h("code", {}, what), `: expected ${expected}, observed `, h("b", {}, observed)),
            ),
        ),
    );
}

/** A run that shows nothing in particular. @param {Run} run */
function plainly(run) {
    return run.bundle.loop === null
        ? `${run.last} ${run.last === 1 ? "step" : "steps"} from the initial state.`
        : `An endless run: after step ${run.last} it goes on from state ${run.bundle.loop}.`;
}

/** @param {Run} run @param {Store} store */
export function headline(run, store) {
    const verdict = verdictOf(run);
    const about = run.extras?.properties?.[run.meta.property ?? ""]?.about;
    const claims = run.extras?.properties?.[run.meta.property ?? ""]?.claims ?? [];
    const turn = turningPoint(run);
    const flips = (run.extras?.flips ?? []).filter(
        (/** @type {any} */ flip) => flip.property === run.meta.property && !flip.holds,
    );
    const flip = flips.find((/** @type {any} */ each) => each.step === turn) ?? flips.at(-1);
    return h(
        "section",
        { class: `headline ${verdict.bad ? "bad" : "good"}`, "aria-label": "what the trace shows" },
        h(
            "h1",
            {},
            h("span", { class: "verdict" }, verdict.bad ? "✗ " : "✓ ", verdict.text),
            about ? h("span", { class: "statement" }, about) : null,
            h("span", { class: "claims" }, claims.join(" ")),
        ),
        h(
            "p",
            { class: "how" },
            sentence(run),
            " ",
            run.about(turn)?.about && run.meta.kind !== "leads_to"
                ? h("span", { class: "quiet" }, `Step ${turn} means: “${run.about(turn).about}” `)
                : null,
            h(
                "button",
                { class: "to-step wide", onclick: () => store.set({ step: turn }) },
                `go to step ${turn}`,
            ),
        ),
        why(run, store, flip),
        findings(run),
        remedy(run, store),
        fairness(run),
    );
}

/** The cells that made the property false, what let the step happen, what an endless wait stays at. @param {Run} run @param {Store} store @param {any} flip */
function why(run, store, flip) {
    const allowed = run.extras?.allowed ?? [];
    const waits = run.extras?.waits ?? [];
    const lines = [
        ...(flip?.because ?? []).map((/** @type {any} */ cause) => h("li", {}, setBy(run, store, cause))),
        ...allowed.map((/** @type {any} */ cause) =>
            h("li", {}, `step ${turningPoint(run)} was allowed since `, setBy(run, store, cause)),
        ),
        ...waits.map((/** @type {any} */ { cell, value, since, for: wanted }) =>
            h("li", {}, setBy(run, store, [cell, value, since]), `, and never becomes ${wanted.join(" or ")}`),
        ),
    ];
    return lines.length ? h("div", { class: "why" }, h("h2", {}, "Why"), h("ul", {}, lines)) : null;
}

/** What the model as specified does instead. @param {Run} run @param {Store} store */
function remedy(run, store) {
    const found = run.extras?.remedy;
    if (!found) return null;
    const { stops, differs } = found;
    const lines = [];
    if (stops) {
        const since = stops.since
            .slice(0, MOST_CELLS)
            .map((/** @type {[string, string]} */ [cell, value]) => `${cell} = ${value}`);
        lines.push(
            h(
                "li",
                {},
                link(store, stops.step, `Step ${stops.step}`),
                `, ${stops.action}, is not allowed: `,
                h("b", {}, stops.clauses.join(", ")),
                stops.clauses.length > 1 ? " do not hold" : " does not hold",
                since.length ? ", since " : "",
                since.length ? h("code", {}, since.join(", ")) : null,
                ".",
            ),
        );
    }
    if (differs) {
        const cells = differs.cells
            .slice(0, MOST_CELLS)
            .map((/** @type {string[]} */ [cell, here, there]) => [
                h("code", {}, `${cell} = ${there}`),
                ` instead of ${here}`,
            ]);
        lines.push(
            h(
                "li",
                {},
                link(store, differs.step, `Step ${differs.step}`),
                `, ${differs.action}, has another effect there: `,
                cells.flatMap((/** @type {any[]} */ each, /** @type {number} */ i) => [i ? ", " : "", ...each]),
                differs.cells.length > MOST_CELLS ? ", …" : "",
                ".",
            ),
        );
    }
    if (found.goes_on?.length)
        lines.push(
            h(
                "li",
                {},
                run.bundle.closing ? "It could not go round for ever: " : `It could not stay as it is after step ${run.last}: `,
                found.goes_on
                    .map((/** @type {string} */ each, /** @type {number} */ i) => [
                        i ? ", " : "",
                        h("b", {}, each),
                    ])
                    .flat(),
                " would have to happen.",
            ),
        );
    return h(
        "div",
        { class: "remedy" },
        h("h2", {}, "What would have prevented it"),
        h("p", {}, found.of),
        h("ul", {}, lines),
    );
}

/** @param {Store} store @param {number} step @param {string} text */
function link(store, step, text) {
    return h("button", { class: "to-step wide", onclick: () => store.set({ step }) }, text);
}

/** How each fair action fares in the loop. @param {Run} run */
function fairness(run) {
    const rows = run.extras?.fairness ?? [];
    if (!rows.length || run.bundle.loop === null) return null;
    return h(
        "details",
        { class: "fairness" },
        h("summary", {}, "The run is fair: no action waits for ever that may not"),
        h(
            "table",
            {},
            h(
                "thead",
                {},
                h("tr", {}, h("th", {}, "in the end"), h("th", {}, "fairness"), h("th", {}, "actions")),
            ),
            h(
                "tbody",
                {},
                alike(rows).map(([actions, fair, how]) =>
                    h("tr", {}, h("td", {}, how), h("td", {}, fair), h("td", {}, h("code", {}, actions.join(", ")))),
                ),
            ),
        ),
    );
}

/** The actions that fare alike, together. @param {string[][]} rows @returns {[string[], string, string][]} */
function alike(rows) {
    /** @type {Map<string, [string[], string, string]>} */
    const groups = new Map();
    for (const [action, fair, how] of rows) {
        const group = groups.get(`${fair} ${how}`) ?? [[], fair, how];
        group[0].push(action);
        groups.set(`${fair} ${how}`, group);
    }
    return [...groups.values()];
}
